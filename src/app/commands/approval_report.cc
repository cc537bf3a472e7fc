#include "app/commands/approval_report.h"

#include "app/commands/shown_text.h"
#include "app/commands/trust_store.h"
#include "app/commands/verify_chain.h"
#include "foundation/jose/jws.h"
#include "foundation/ledger/minimum.h"
#include "foundation/ledger/reader.h"
#include "foundation/ledger/renewal.h"
#include "foundation/ledger/source.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "foundation/records/record_claims.h"
#include "gateway/folded_record.h"

namespace pawl {
namespace {

using ledger::Verdict;

std::uint64_t log_of(const std::string& origin) {
  return ledger::log_name(origin).number;
}

bool is_call_with_approval(const jose::Jws& record) {
  const auto kind = json::find_string(record.payload, {names::kClaimExecAct});
  const json::Value* body =
      kind ? in_extension(record.typ, record.payload,
                          {std::string(names::kExtPrefix).append(kinds::area(*kind))})
           : nullptr;
  return body != nullptr && spends_approval(*kind, *body);
}

std::vector<sign_in::RelyingParty> parties_of(const ledger::Trust& trust) {
  std::vector<sign_in::RelyingParty> out;
  for (const ledger::RelyingParty& one : trust.relying_parties) {
    out.push_back({one.id, one.origin});
  }
  return out;
}

bool is_good_source(Files& files, const std::string& folder) {
  const Result<ledger::Source> source = ledger::find_source(files, folder);
  return source && source->folder == folder;
}

std::string part(std::uint64_t count, const char* what) {
  return count == 0 ? "" : counted(count, what);
}

std::string joined(const std::initializer_list<std::string>& parts) {
  std::string out;
  for (const std::string& one : parts) {
    out += (out.empty() || one.empty() ? "" : ", ") + one;
  }
  return out;
}

}  // namespace

ApprovalReader::ApprovalReader(const ledger::Trust& trust)
    : pinned_log_(log_of(origin_of_vkey(trust.log_vkey))),
      pinned_size_(trust.pinned_size),
      check_(
          [&trust](std::string_view kid) {
            const PublicKey* key = trust.operator_keys.find(kid);
            return key != nullptr && key->thumbprint() == kid;
          },
          parties_of(trust)) {}

bool ApprovalReader::is_pinned(std::uint64_t log, std::uint64_t index) const {
  return pinned_size_ > 0 && (log < pinned_log_ || (log == pinned_log_ && index < pinned_size_));
}

void ApprovalReader::see(std::uint64_t log, std::uint64_t index, std::string_view token) {
  read_folded(index, token, [&](const FoldedRecord& record) {
    const ApprovalFinding found = check_.add(record, is_pinned(log, index));
    const bool worse =
        found.verdict == Verdict::kBad ? verdict_ != Verdict::kBad : verdict_ == Verdict::kGood;
    if (found.verdict != Verdict::kGood && worse) {
      verdict_ = found.verdict;
      reason_ = (log == newest_ ? "" : "log " + std::to_string(log) + ": ") + "entry " +
                std::to_string(index) + " (id " + record.id.text() + ", " +
                std::string(record.kind) + "): " + found.what;
    }
  });
}

void ApprovalReader::read_earlier(Files& files, const std::string& path,
                                  const std::string& origin) {
  newest_ = log_of(origin);
  const std::string root = root_of_logs(files, path);
  for (std::uint64_t log = 1; log < newest_; ++log) {
    const std::string folder = ledger::frozen_folder(root, log);
    ledger::Visitor visitor;
    visitor.entry = [&](std::uint64_t index, std::string_view token) {
      see(log, index, token);
      return true;
    };
    if (const auto minimum = ledger::minimum_at(files, folder); minimum && *minimum) {
      check_.misses_approvals();
    }
    if (!is_good_source(files, folder) || !ledger::walk(files, folder, visitor)) {
      check_.misses_a_log();
    }
  }
}

ledger::EntryLook ApprovalReader::look(const std::string& origin) {
  newest_ = log_of(origin);
  return {ApprovalCheck::wants,
          [this](std::uint64_t index, std::string_view token) { see(newest_, index, token); },
          is_call_with_approval};
}

ApprovalReport ApprovalReader::report() const {
  return {verdict_, reason_, check_.enrolled().checked(), check_.counts()};
}

bool rests_on_approvals(std::string_view token) {
  const Result<jose::Jws> jws = jose::decode(std::string(token), token.size() + 1);
  const auto kind = jws ? json::find_string(jws->payload, {names::kClaimExecAct}) : std::nullopt;
  const bool is_state = kind && ApprovalCheck::wants(*kind) && *kind != kinds::kIdentityRevoked &&
                        *kind != kinds::kIdentityRestored;
  return is_state || (jws && is_call_with_approval(*jws));
}

void combine(ledger::Report& report, const ApprovalReport& approvals) {
  if (approvals.verdict == Verdict::kGood || report.verdict == Verdict::kBad) {
    return;
  }
  if (approvals.verdict == Verdict::kBad) {
    report.verdict = Verdict::kBad;
    report.first_bad = approvals.reason;
    report.reason = "not what people approved: " + approvals.reason;
  } else if (report.verdict == Verdict::kGood) {
    report.verdict = Verdict::kUnknown;
    report.reason = "cannot decide: " + approvals.reason;
  }
}

std::string approvals_text(const ApprovalReport& approvals) {
  return joined({part(approvals.enrollments, "enrollment"),
                 part(approvals.counts.decisions, "decision"),
                 part(approvals.counts.uses, "approved call")});
}

std::string not_compared_text(const ApprovalReport& approvals) {
  const ApprovalCounts& counts = approvals.counts;
  const std::string what = joined(
      {counts.no_arguments == 0
           ? ""
           : "the arguments of " + counted(counts.no_arguments, "call") + " (salted digests)",
       counts.no_people == 0
           ? ""
           : "on whose behalf of " + counted(counts.no_people, "call") + " (pseudonyms, a crash)",
       counts.no_names == 0
           ? ""
           : "who called what in " + counted(counts.no_names, "call") + " (bodies that were cut)"});
  return what.empty() ? "" : "with what was approved: " + what;
}

json::Object approvals_json(const ApprovalReport& approvals) {
  const ApprovalCounts& counts = approvals.counts;
  json::Object out{{"enrollments", approvals.enrollments},
                   {"decisions", counts.decisions},
                   {"uses", counts.uses}};
  out["not_compared"] = json::Object{
      {"arguments", counts.no_arguments}, {"people", counts.no_people}, {"names", counts.no_names}};
  return out;
}

}  // namespace pawl
