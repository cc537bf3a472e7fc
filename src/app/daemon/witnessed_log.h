// What our log shows to others: its checkpoints and receipts, and what witnesses have to do with
// it.
//
// Purpose:    without `witnesses` in pawl.yaml the log speaks of its newest checkpoint. With it,
//             witnesses are asked, and receipts speak of the newest checkpoint that meets the
//             policy; where it is required, of nothing newer.
// Threading:  the I/O thread.
// Ownership:  the parts outlive it.
// Errors:     open(): the policy does not read, does not list this log, or cannot be asked (names
// the
//             place in pawl.yaml); the ledger is older than what witnesses saw (kBadSignature).
//             receipt(), checkpoint(): kNotFound as the ledger says, kEvidenceUnavailable:
//             required, and not there yet.
// Not errors: witnesses that do not answer.
//
// Example:
//   Result<std::unique_ptr<WitnessedLog>> log = WitnessedLog::open(parts);
//   (*log)->tick();
//   Result<std::string> proof = (*log)->receipt(index);
#pragma once

#include <memory>

#include "app/config/config.h"
#include "app/daemon/data_folder.h"
#include "app/daemon/equivocations.h"
#include "app/daemon/witness_client.h"
#include "base/json.h"
#include "foundation/ledger/kept_evidence.h"
#include "gateway/metrics.h"

namespace pawl {

// The policy of pawl.yaml, fit to be asked: a file that reads, a URL for each witness that counts,
// a quorum if it is required. The error names the place.
Result<std::shared_ptr<const ledger::WitnessPolicy>> configured_policy(const Config& config,
                                                                       Files& files);

class WitnessedLog {
 public:
  struct Parts {
    Files& files;
    Clock& clock;
    const Config& config;
    DataFolder folder;
    std::function<const ledger::Ledger&()> ledger;  // the log in use
    WitnessClient::Fetch fetch;
  };
  static Result<std::unique_ptr<WitnessedLog>> open(Parts parts);

  // Another log is in use: nothing is known of it yet. If its file cannot be read, nobody is asked,
  // and what is required is not there.
  void log_switched();
  void tick();

  Result<std::string> checkpoint() const;
  Result<std::string> receipt(std::uint64_t index) const;
  // When to ask again after kEvidenceUnavailable.
  std::int64_t retry_after_s() const;

  json::Value status() const;         // null: nobody is asked
  json::Array equivocations() const;  // paths of evidence that another history was signed
  void gauges(Metrics& metrics) const;

 private:
  explicit WitnessedLog(Parts parts)
      : parts_(std::move(parts)),
        equivocations_(parts_.files, ledger::evidence_folder(parts_.folder.root)) {}
  Status open_log();
  bool is_required() const;
  const ledger::Checkpoint* newest() const;
  std::optional<std::int64_t> age_s() const;

  Parts parts_;
  const Equivocations equivocations_;
  std::shared_ptr<const ledger::WitnessPolicy> policy_;  // null: none is configured
  std::unique_ptr<ledger::CosignedHead> cosigned_;
  std::unique_ptr<WitnessClient> client_;
  BootTime asking_since_;  // about this log
};

}  // namespace pawl
