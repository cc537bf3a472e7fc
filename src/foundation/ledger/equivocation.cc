#include "foundation/ledger/equivocation.h"

#include "base/encoding.h"
#include "base/json.h"
#include "foundation/ledger/checkpoint.h"

namespace pawl::ledger {
namespace {

constexpr std::string_view kFormat = "pawl.equivocation/1";
constexpr std::string_view kFamily = "pawl.equivocation/";
constexpr std::size_t kMaxHashes = 64;  // of a proof between trees of up to 2^63 leaves

json::Limits limits() {
  return {kMaxEquivocation, 8, 1024};
}

Error no_evidence(std::string why) {
  return {Code::kUndecidable, std::move(why)};
}

Result<Proof> parse_hashes_of(const json::Value& value) {
  const json::Value* list = json::find(value, {"proof"});
  Proof proof;
  if (list == nullptr) {
    return proof;
  }
  if (!list->is_array() || list->get_array().empty() || list->get_array().size() > kMaxHashes) {
    return fail(Code::kMalformed, "evidence: proof is a list of 1 to 64 hashes, or not there");
  }
  for (const json::Value& item : list->get_array()) {
    const Result<Digest> hash = item.is_string() ? parse_digest(item.get_string())
                                                 : fail(Code::kMalformed, "expected a string");
    if (!hash) {
      return fail_at("evidence: proof", hash.error());
    }
    proof.push_back(*hash);
  }
  return proof;
}

}  // namespace

Result<Contradiction> check_equivocation(const Equivocation& evidence, const VerifierKey& log) {
  const Result<TreeHead> older = open_checkpoint(evidence.older, log);
  const Result<TreeHead> newer = open_checkpoint(evidence.newer, log);
  if (!older || !newer) {
    return fail_at(older ? "the newer checkpoint" : "the older checkpoint",
                   older ? newer.error() : older.error());
  }
  Contradiction found{older->origin, older->size, newer->size, older->root, newer->root};
  if (older->size > newer->size) {
    return fail(no_evidence("the older checkpoint is larger than the newer one"));
  }
  if (older->size == newer->size) {
    if (!evidence.proof.empty()) {
      return fail(no_evidence("a proof between checkpoints of one size"));
    }
  } else {
    const std::optional<PrefixRoots> roots =
        roots_of_prefix(older->size, newer->size, evidence.proof);
    if (!roots || roots->root != newer->root) {
      return fail(no_evidence("the proof is not of the newer checkpoint's tree"));
    }
    found.other = roots->old_root;
  }
  if (found.root == found.other) {
    return fail(no_evidence("the checkpoints do not contradict each other"));
  }
  return found;
}

std::string contradiction_text(const Contradiction& found) {
  const std::string size = std::to_string(found.older_size);
  const std::string by = found.older_size == found.newer_size
                             ? "and " + base64_encode(view(found.other))
                             : "and of size " + std::to_string(found.newer_size) +
                                   " one that begins with " + base64_encode(view(found.other));
  return "the log " + found.origin + " signed two histories: of size " + size + " the root " +
         base64_encode(view(found.root)) + ", " + by;
}

std::optional<Equivocation> contradiction(std::string_view one, std::string_view other,
                                          const Proof& proof, const VerifierKey& log) {
  const Result<TreeHead> first = read_checkpoint(one);
  const Result<TreeHead> second = read_checkpoint(other);
  if (!first || !second) {
    return std::nullopt;
  }
  const bool is_in_order = first->size <= second->size;
  Equivocation evidence{std::string(is_in_order ? one : other),
                        std::string(is_in_order ? other : one), proof};
  return check_equivocation(evidence, log) ? std::optional(std::move(evidence)) : std::nullopt;
}

std::string print_equivocation(const Equivocation& evidence) {
  json::Object out{{"format", kFormat}};
  out["notes"] = json::Array{json::Value(evidence.older), json::Value(evidence.newer)};
  if (!evidence.proof.empty()) {
    json::Array hashes;
    for (const Digest& hash : evidence.proof) {
      hashes.push_back(json::Value(base64_encode(view(hash))));
    }
    out["proof"] = std::move(hashes);
  }
  return json::print(out) + "\n";
}

Result<Equivocation> parse_equivocation(std::string_view text) {
  const Result<json::Parsed> parsed = json::parse(text, limits());
  if (!parsed) {
    return fail_at("evidence", parsed.error());
  }
  const auto format = json::find_string(parsed->value, {"format"});
  if (format != kFormat) {
    const bool is_newer = format && format->starts_with(kFamily);
    return fail(is_newer ? Code::kUnsupported : Code::kMalformed,
                "evidence: expected the format pawl.equivocation/1");
  }
  const json::Value* notes = json::find(parsed->value, {"notes"});
  if (notes == nullptr || !notes->is_array() || notes->get_array().size() != 2 ||
      !notes->get_array()[0].is_string() || !notes->get_array()[1].is_string()) {
    return fail(Code::kMalformed, "evidence: notes is a list of two checkpoints, the older first");
  }
  Result<Proof> proof = parse_hashes_of(parsed->value);
  if (!proof) {
    return fail(proof.error());
  }
  return Equivocation{std::string(notes->get_array()[0].get_string()),
                      std::string(notes->get_array()[1].get_string()), *std::move(proof)};
}

bool looks_like_equivocation(std::string_view text) {
  const Result<json::Parsed> parsed = json::parse(text, limits());
  const auto format = parsed ? json::find_string(parsed->value, {"format"}) : std::nullopt;
  return format && format->starts_with(kFamily);
}

}  // namespace pawl::ledger
