#include "foundation/ledger/signer_check.h"

#include <algorithm>

#include "foundation/ledger/compromise_check.h"

namespace pawl::ledger {
namespace {

using Answer = KeyValidity::Answer;
using What = TokenCheck::What;

}  // namespace

const PublicKey* SignerCheck::find(std::string_view kid) const {
  if (const PublicKey* key = trust_ != nullptr ? trust_->token_keys.find(kid) : nullptr) {
    return key;
  }
  const MutexLock lock(mutex_);
  const auto begun = begun_.find(kid);
  return begun == begun_.end() ? nullptr : &begun->second;
}

void SignerCheck::add(std::uint64_t index, TokenCheck& check) {
  if (!check.is_record) {
    return;
  }
  if (runs_.empty()) {
    const Status first = keys_.begin(check.kid, check.iat);
    (void)first;  // of a log that goes on from none: it may be anybody
  }
  note(check.kid, index, check.iat);
  if (check.what == What::kBad) {
    return;
  }
  if (std::string wrong = judge(check.kid, index); !wrong.empty()) {
    check.what = What::kBad;
    check.reason = std::move(wrong);
  } else if (check.key_record) {
    apply(index, check);
  }
}

void SignerCheck::note(const std::string& kid, std::uint64_t index, std::int64_t iat) {
  if (seconds_.empty() || iat > recorded_s_) {
    recorded_s_ = iat;
    seconds_.emplace_back(iat, index);
  }
  if (!runs_.empty() && runs_.back().kid == kid) {
    runs_.back().last = index;
  } else {
    runs_.push_back({kid, index, index});
  }
}

std::string SignerCheck::judge(const std::string& kid, std::uint64_t index) const {
  const Answer answer = keys_.judge(kid, index, recorded_s_);
  const std::string signed_by = "signed by key " + kid;
  if (answer == Answer::kRetired) {
    return signed_by + ", which was retired before";
  }
  if (answer == Answer::kUnknown || answer == Answer::kNotYet) {
    return signed_by + ", which no record before it activated";
  }
  return {};
}

void SignerCheck::apply(std::uint64_t index, TokenCheck& check) {
  const KeyRecord& record = *check.key_record;
  CompromiseCheck said;
  if (record.what == KeyRecord::What::kCompromised) {
    said = check_compromise(record, check.iss, check.iat, trust_);
  }
  const Status applied = said.verdict == Verdict::kBad
                             ? Status(fail(Code::kBadSignature, said.reason))
                             : keys_.apply(index, check.kid, recorded_s_, record);
  if (!applied) {
    check.what = applied.error().code == Code::kBadSignature ? What::kBad : What::kUnknown;
    check.reason = applied.error().message;
    return;
  }
  if (said.verdict == Verdict::kUnknown) {
    check.what = What::kUnknown;
    check.reason = said.reason;
    return;
  }
  if (!check.verified || record.begins().empty() || record.jwk.empty() ||
      find(record.begins()) != nullptr) {
    return;
  }
  if (const Result<PublicKey> key = key_of_record(record)) {
    const MutexLock lock(mutex_);
    begun_.emplace(record.begins(), *key);
  }
}

// The first entry that was recorded at this time or later; past the end: none.
std::uint64_t SignerCheck::first_since(std::int64_t time_s) const {
  const auto at =
      std::lower_bound(seconds_.begin(), seconds_.end(), time_s,
                       [](const auto& second, std::int64_t time) { return second.first < time; });
  return at == seconds_.end() ? runs_.back().last + 1 : at->second;
}

void SignerCheck::fill(Report& report) const {
  report.keys = keys_;
  if (trust_ != nullptr) {
    for (const KeyValidity::Key& later : trust_->later_keys) {
      report.keys.learn(later);
    }
  }
  SuspectEntries& suspect = report.suspect;
  for (const Run& run : runs_) {
    const std::optional<KeyValidity::Suspicion> why = report.keys.suspicion(run.kid);
    if (!why) {
      continue;
    }
    std::uint64_t first = std::max(run.first, first_since(why->from_s));
    const bool is_older_pin = trust_ != nullptr && !trust_->pinned_root.empty() &&
                              trust_->pinned_at_s && *trust_->pinned_at_s < why->since_s;
    if (is_older_pin) {
      first = std::max(first, trust_->pinned_size);
    }
    if (first > run.last) {
      continue;
    }
    suspect.since_s = suspect.entries == 0 ? why->since_s : std::min(suspect.since_s, why->since_s);
    suspect.first = suspect.entries == 0 ? first : suspect.first;
    suspect.last = run.last;
    suspect.entries += run.last - first + 1;
  }
}

}  // namespace pawl::ledger
