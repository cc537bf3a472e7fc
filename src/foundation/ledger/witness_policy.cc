#include "foundation/ledger/witness_policy.h"

#include <algorithm>

#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/cosignature.h"
#include "foundation/ledger/renewal.h"

namespace pawl::ledger {
namespace {

using Items = std::vector<std::string_view>;

constexpr std::string_view kNone = "none";

// Keys are the same whatever name, id and type they have; 32 bytes, because none is of another
// kind.
std::string raw_key(const VerifierKey& key) {
  return key.key.ed25519_raw().value_or("");
}

template <class Listed>
bool has_key(const std::vector<Listed>& listed, const VerifierKey& key) {
  const std::string raw = raw_key(key);
  return std::any_of(listed.begin(), listed.end(),
                     [&](const Listed& one) { return raw_key(one.key) == raw; });
}

Items split(std::string_view line) {
  Items items;
  for (std::size_t at = line.find_first_not_of(" \t"); at != line.npos;) {
    const std::size_t end = std::min(line.find_first_of(" \t", at), line.size());
    items.push_back(line.substr(at, end - at));
    at = line.find_first_not_of(" \t", end);
  }
  return items;
}

bool is_allowed(char octet) {
  const auto value = static_cast<unsigned char>(octet);
  return value == '\t' || (value >= 0x20 && value != 0x7F);
}

}  // namespace

// Reads one line after the other into a policy.
class PolicyReader {
 public:
  Status read(std::string_view line) {
    if (!std::all_of(line.begin(), line.end(), is_allowed)) {
      return fail(Code::kMalformed, "a control character other than tab and newline");
    }
    const Items items = split(line);
    if (items.empty() || items[0].front() == '#') {
      return {};
    }
    if (items[0] == "log") {
      return read_log(items);
    }
    if (items[0] == "witness") {
      return read_witness(items);
    }
    if (items[0] == "group") {
      return read_group(items);
    }
    if (items[0] == "quorum") {
      return read_quorum(items);
    }
    return fail(Code::kMalformed, "expected log, witness, group, quorum, or a comment (#)");
  }

  Result<WitnessPolicy> finish() {
    if (policy_.quorum_.empty()) {
      return fail(Code::kMalformed, "no quorum line; `quorum none` says that no witness is needed");
    }
    if (policy_.counted_) {
      policy_.parties_[*policy_.counted_].is_counted = true;
    }
    for (std::size_t i = policy_.parties_.size(); i-- > 0;) {
      for (const std::size_t member : policy_.parties_[i].members) {
        policy_.parties_[member].is_counted =
            policy_.parties_[i].is_counted || policy_.parties_[member].is_counted;
      }
    }
    return std::move(policy_);
  }

 private:
  Status read_log(const Items& items) {
    if (items.size() < 2 || items.size() > 3) {
      return fail(Code::kMalformed, "expected: log VKEY [URL]");
    }
    Result<VerifierKey> key = VerifierKey::parse(items[1], NoteKeyType::kEd25519);
    if (!key) {
      return fail(key.error());
    }
    if (has_key(policy_.logs_, *key)) {
      return fail(Code::kMalformed, "the key of this log stands in an earlier log line");
    }
    if (policy_.logs_.size() == WitnessPolicy::kMost) {
      return fail(Code::kTooLarge, "more than 256 logs");
    }
    policy_.logs_.push_back({*std::move(key), items.size() > 2 ? std::string(items[2]) : ""});
    return {};
  }

  Status read_witness(const Items& items) {
    if (items.size() < 3 || items.size() > 4) {
      return fail(Code::kMalformed, "expected: witness NAME VKEY [URL]");
    }
    Result<VerifierKey> key = VerifierKey::parse(items[2], NoteKeyType::kCosignature);
    if (!key) {
      return fail(key.error());
    }
    if (has_key(policy_.witnesses_, *key)) {
      return fail(Code::kMalformed, "the key of this witness stands in an earlier witness line");
    }
    if (policy_.witnesses_.size() == WitnessPolicy::kMost) {
      return fail(Code::kTooLarge, "more than 256 witnesses");
    }
    WitnessPolicy::Party party;
    party.witness = policy_.witnesses_.size();
    policy_.witnesses_.push_back(
        {std::string(items[1]), *std::move(key), items.size() > 3 ? std::string(items[3]) : ""});
    return define(items[1], std::move(party));
  }

  Status read_group(const Items& items) {
    if (items.size() < 4) {
      return fail(Code::kMalformed, "expected: group NAME all|any|NUMBER MEMBER...");
    }
    WitnessPolicy::Party party;
    for (std::size_t i = 3; i < items.size(); ++i) {
      const Result<std::size_t> member = find(items[i]);
      if (!member) {
        return fail(member.error());
      }
      if (is_member_[*member]) {
        return fail(Code::kMalformed, quoted(items[i]) + " is a member already; it may be once");
      }
      is_member_[*member] = true;
      party.members.push_back(*member);
    }
    const Result<std::uint64_t> number = items[2] == "all"   ? party.members.size()
                                         : items[2] == "any" ? Result<std::uint64_t>(1)
                                                             : parse_decimal(items[2]);
    if (!number || *number < 1 || *number > party.members.size()) {
      return fail(Code::kMalformed,
                  "a group's threshold is all, any, or 1 to the number of members");
    }
    if (++groups_ > WitnessPolicy::kMost) {
      return fail(Code::kTooLarge, "more than 256 groups");
    }
    party.threshold = static_cast<std::size_t>(*number);
    return define(items[1], std::move(party));
  }

  Status read_quorum(const Items& items) {
    if (items.size() != 2) {
      return fail(Code::kMalformed, "expected: quorum NAME, or quorum none");
    }
    if (!policy_.quorum_.empty()) {
      return fail(Code::kMalformed, "a second quorum line");
    }
    if (items[1] != kNone) {
      const Result<std::size_t> party = find(items[1]);
      if (!party) {
        return fail(party.error());
      }
      policy_.counted_ = *party;
    }
    policy_.quorum_ = items[1];
    return {};
  }

  Status define(std::string_view name, WitnessPolicy::Party party) {
    if (name == kNone || find(name)) {
      return fail(Code::kMalformed, quoted(name) + " means something already");
    }
    party.name = name;
    policy_.parties_.push_back(std::move(party));
    is_member_.push_back(false);
    return {};
  }

  Result<std::size_t> find(std::string_view name) const {
    const auto& parties = policy_.parties_;
    const auto at = std::find_if(parties.begin(), parties.end(),
                                 [&](const auto& party) { return party.name == name; });
    if (at == parties.end()) {
      return fail(Code::kMalformed, quoted(name) + " is no witness or group of an earlier line");
    }
    return static_cast<std::size_t>(at - parties.begin());
  }

  static std::string quoted(std::string_view name) { return "'" + std::string(name) + "'"; }

  WitnessPolicy policy_;
  std::vector<bool> is_member_;  // by party
  std::size_t groups_ = 0;
};

Result<WitnessPolicy> WitnessPolicy::parse(std::string_view text) {
  PolicyReader reader;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string where = "witness policy, line " + std::to_string(number);
    const std::size_t end = text.find('\n');
    if (end == text.npos) {
      return fail(Code::kMalformed, where + ": it does not end in a newline; is the file whole?");
    }
    if (Status read = reader.read(text.substr(0, end)); !read) {
      return fail_at(where, read.error());
    }
    text.remove_prefix(end + 1);
  }
  Result<WitnessPolicy> policy = reader.finish();
  return policy ? std::move(policy) : fail_at("witness policy", policy.error());
}

Result<WitnessPolicy::Answer> WitnessPolicy::judge(const Note& checkpoint) const {
  Answer answer;
  std::vector<bool> cosigned(witnesses_.size());
  for (std::size_t i = 0; i < witnesses_.size(); ++i) {
    const Result<std::int64_t> time_s = check_cosignature(checkpoint, witnesses_[i].key);
    if (time_s) {
      cosigned[i] = true;
      answer.cosigned.push_back({witnesses_[i].name, *time_s});
    } else if (time_s.error().code != Code::kNotFound) {
      return fail(time_s.error());
    }
  }
  for (const Party& party : parties_) {
    if (party.is_counted && party.witness && !cosigned[*party.witness]) {
      answer.missing.push_back(party.name);
    }
  }
  answer.is_met = is_met_by(cosigned);
  return answer;
}

bool WitnessPolicy::is_met_by(const std::vector<bool>& cosigned) const {
  std::vector<bool> is_met(parties_.size());
  for (std::size_t i = 0; i < parties_.size(); ++i) {
    const Party& party = parties_[i];
    if (party.witness) {
      is_met[i] = cosigned[*party.witness];
      continue;
    }
    const auto count = std::count_if(party.members.begin(), party.members.end(),
                                     [&](std::size_t member) { return is_met[member]; });
    is_met[i] = static_cast<std::size_t>(count) >= party.threshold;
  }
  return !counted_ || is_met[*counted_];
}

bool WitnessPolicy::accepts(const VerifierKey& log) const {
  return logs_.empty() || std::any_of(logs_.begin(), logs_.end(), [&](const Log& listed) {
           return raw_key(listed.key) == raw_key(log) &&
                  log_name(listed.key.name).first_origin == log_name(log.name).first_origin;
         });
}

}  // namespace pawl::ledger
