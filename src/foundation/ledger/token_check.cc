#include "foundation/ledger/token_check.h"

#include <algorithm>
#include <atomic>
#include <numeric>
#include <thread>

#include "foundation/ect/ect.h"
#include "foundation/jose/jws.h"
#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/signer_check.h"
#include "foundation/records/kinds.h"
#include "foundation/records/outcome.h"

namespace pawl::ledger {
namespace {

constexpr std::size_t kChunkItems = 4096;
constexpr std::size_t kChunkBytes = 16u << 20;
constexpr std::size_t kWorthAThread = 32;  // signatures; two milliseconds of work

std::string outcome_of(const json::Value& payload, std::string_view act) {
  const std::string body = "pawl." + std::string(kinds::area(act));
  const auto outcome = json::find_string(payload, {"ect_ext", body, "outcome"});
  if (!outcome) {
    return {};
  }
  return parse_outcome(*outcome) ? std::string(*outcome)
                                 : std::string(outcome_name(Outcome::kUnknown));
}

// The signature by the key that the token names.
void check_signature(const jose::Jws& jws, const Trust& trust, const KeyOfKid& keys,
                     TokenCheck& check) {
  const PublicKey* key = keys ? keys(jws.kid) : trust.token_keys.find(jws.kid);
  if (key == nullptr) {
    check.what = TokenCheck::What::kUnknown;
    check.reason = "the trust file has no token key with kid \"" + jws.kid + "\"";
    return;
  }
  if (Status valid = jose::verify(jws, *key, {"ES256"}); !valid) {
    const bool undecidable = valid.error().code == Code::kUndecidable;
    check.what = undecidable ? TokenCheck::What::kUnknown : TokenCheck::What::kBad;
    check.reason =
        undecidable ? "token signature could not be checked" : "token signature does not verify";
    return;
  }
  check.verified = true;
}

}  // namespace

TokenCheck check_token(std::string_view token, const std::optional<Uuid>& frame_id,
                       const Trust* trust, const KeyOfKid& keys) {
  TokenCheck check;
  const auto bad = [&](std::string reason) {
    check.what = TokenCheck::What::kBad;
    check.reason = std::move(reason);
    return check;
  };
  Result<jose::Jws> jws = jose::decode(std::string(token), token.size() + 1);
  if (!jws) {
    return bad("not a signed token: " + jws.error().message);
  }
  check.id = json::find_string(jws->payload, {"jti"}).value_or("");
  if (jws->kid.empty()) {
    return bad("missing_kid: the token names no key");
  }
  if (trust != nullptr) {
    check_signature(*jws, *trust, keys, check);
    if (check.what == TokenCheck::What::kBad) {
      return check;
    }
  }
  // Also when the key is not known: a contradiction is one whoever signed it.
  const Result<ect::Token> record = ect::read(*jws);
  if (!record) {
    return bad(record.error().message);
  }
  if (frame_id && record->claims.jti != *frame_id) {
    return bad("it stands under the id " + frame_id->text());
  }
  check.is_record = true;
  check.kid = jws->kid;
  check.iss = record->claims.iss;
  check.iat = record->claims.iat;
  Result<std::optional<KeyRecord>> key_record =
      read_key_record(record->claims.exec_act, jws->payload);
  if (!key_record) {
    return bad(key_record.error().message);
  }
  check.key_record = *std::move(key_record);
  check.outcome = outcome_of(jws->payload, record->claims.exec_act);
  return check;
}

LogChecker::LogChecker(const Trust* trust, const VerifierKey* log_key)
    : trust_(trust), log_key_(log_key), signers_(std::make_unique<SignerCheck>(trust)) {}

LogChecker::~LogChecker() = default;

void LogChecker::add_entry(std::uint64_t index, const std::optional<Uuid>& frame_id,
                           std::string_view token) {
  ++entries_;
  add({index, false, frame_id, std::string(token)});
}

void LogChecker::add_checkpoint(std::uint64_t size, std::string_view note) {
  if (log_key_ == nullptr || note == last_note_) {
    return;
  }
  last_note_ = note;
  add({size, true, std::nullopt, std::string(note)});
}

void LogChecker::add(Item item) {
  bytes_ += item.bytes.size();
  items_.push_back(std::move(item));
  if (items_.size() >= kChunkItems || bytes_ >= kChunkBytes) {
    flush();
  }
}

TokenCheck LogChecker::check(const Item& item) const {
  if (!item.is_checkpoint) {
    return check_token(item.bytes, item.frame_id, trust_,
                       [this](std::string_view kid) { return signers_->find(kid); });
  }
  TokenCheck check;
  if (Result<TreeHead> head = open_checkpoint(item.bytes, *log_key_); !head) {
    const bool undecidable = head.error().code == Code::kUndecidable;
    check.what = undecidable ? TokenCheck::What::kUnknown : TokenCheck::What::kBad;
    check.reason = head.error().message;
  }
  return check;
}

void LogChecker::check_all(std::vector<TokenCheck>& checks, const std::vector<std::size_t>& which) {
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < which.size(); i = next++) {
      checks[which[i]] = check(items_[which[i]]);
    }
  };
  const std::size_t count = std::min<std::size_t>(std::max(1u, std::thread::hardware_concurrency()),
                                                  which.size() / kWorthAThread + 1);
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < count; ++i) {
    threads.emplace_back(work);
  }
  work();
  for (std::thread& thread : threads) {
    thread.join();
  }
}

void LogChecker::flush() {
  std::vector<TokenCheck> checks(items_.size());
  std::vector<std::size_t> which(items_.size());
  std::iota(which.begin(), which.end(), 0);
  check_all(checks, which);
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const std::string begun = note(items_[i], checks[i]);
    if (begun.empty()) {
      continue;
    }
    which.clear();  // what this key signed could not be checked before
    for (std::size_t later = i + 1; later < items_.size(); ++later) {
      if (checks[later].is_record && checks[later].kid == begun && !checks[later].verified) {
        which.push_back(later);
      }
    }
    check_all(checks, which);
  }
  items_.clear();
  bytes_ = 0;
}

std::string LogChecker::note(const Item& item, TokenCheck& check) {
  std::string begun = item.is_checkpoint ? std::string() : signers_->add(item.number, check);
  const std::string number = std::to_string(item.number);
  const std::string name = item.is_checkpoint ? "checkpoint of size " + number
                           : check.id.empty() ? "entry " + number
                                              : "entry " + number + " (id " + check.id + ")";
  if (check.what == TokenCheck::What::kBad && first_bad_.empty()) {
    first_bad_ = name + ": " + check.reason;
  }
  if (check.what == TokenCheck::What::kUnknown && first_unknown_.empty()) {
    first_unknown_ = name + ": " + check.reason;
  }
  if (item.is_checkpoint) {
    return {};
  }
  verified_ += check.verified ? 1 : 0;
  if (!check.outcome.empty()) {
    ++outcomes_[check.outcome];
  }
  if (Result<Uuid> id = Uuid::parse(check.id)) {
    ids_.emplace_back(*id, item.number);
  }
  return begun;
}

void LogChecker::find_duplicates() {
  std::sort(ids_.begin(), ids_.end());
  std::optional<std::size_t> found;
  for (std::size_t i = 1; i < ids_.size(); ++i) {
    const bool again = ids_[i].first == ids_[i - 1].first;
    if (again && (!found || ids_[i].second < ids_[*found].second)) {
      found = i;
    }
  }
  if (found && first_bad_.empty()) {
    first_bad_ = "entry " + std::to_string(ids_[*found].second) + " (id " +
                 ids_[*found].first.text() + "): entry " + std::to_string(ids_[*found - 1].second) +
                 " has the same id";
  }
}

void LogChecker::fill(Report& report) const {
  report.entries = entries_;
  report.tokens_verified = verified_;
  report.outcomes = outcomes_;
  signers_->fill(report);
}

}  // namespace pawl::ledger
