#include "app/commands/cosigned_proof.h"

#include "app/commands/offline_proof.h"
#include "app/commands/witnesses.h"
#include "foundation/ledger/cosigned.h"
#include "foundation/ledger/recover.h"
#include "foundation/ledger/source.h"

namespace pawl {
namespace {

constexpr std::size_t kMaxNote = 1u << 20;

struct Asked {
  bool is_required = false;
  std::optional<ledger::Checkpoint> newest;  // that meets the policy
};

// What the daemon kept counts if it meets the policy of now.
Result<std::optional<ledger::Checkpoint>> kept_head(Files& files, const std::string& folder,
                                                    const ledger::WitnessPolicy& policy) {
  const Result<std::string> vkey = read_file(files, ledger::vkey_path(folder), kMaxNote);
  const Result<ledger::VerifierKey> log =
      vkey ? ledger::VerifierKey::parse(vkey->substr(0, vkey->find('\n'))) : fail(vkey.error());
  if (!log) {
    return fail(log.error());
  }
  Result<std::string> note = read_file(files, ledger::cosigned_path(folder), kMaxNote);
  if (!note) {
    return note.error().code == Code::kNotFound
               ? Result<std::optional<ledger::Checkpoint>>(std::nullopt)
               : fail(note.error());
  }
  Result<ledger::Cosigned> kept = ledger::read_cosigned(*std::move(note), *log, policy);
  if (!kept) {
    return fail_at(ledger::cosigned_path(folder), kept.error());
  }
  return kept->answer.is_met ? std::optional(std::move(kept->checkpoint)) : std::nullopt;
}

Result<Asked> asked_of(Context& context, const std::string& root) {
  const Result<std::optional<WitnessConfig>> config = witness_config(context);
  if (!config || !*config) {
    return config ? Result<Asked>(Asked{}) : fail(config.error());
  }
  const Result<ledger::WitnessPolicy> policy = read_policy(context.files, (*config)->policy_file);
  const Result<ledger::Source> source =
      policy ? ledger::find_source(context.files, root) : fail(policy.error());
  if (!source) {
    return fail(source.error());
  }
  Result<std::optional<ledger::Checkpoint>> kept =
      kept_head(context.files, source->folder, *policy);
  return kept ? Result<Asked>(Asked{(*config)->is_required, *std::move(kept)}) : fail(kept.error());
}

}  // namespace

Result<std::optional<ledger::Checkpoint>> head_by_policy(Context& context, const std::string& root,
                                                         std::uint64_t index) {
  Result<Asked> asked = asked_of(context, root);
  if (!asked) {
    return fail(asked.error());
  }
  if (asked->newest && index < asked->newest->size) {
    return std::move(asked->newest);
  }
  if (asked->is_required) {
    return fail(Code::kEvidenceUnavailable,
                "no checkpoint that enough witnesses cosigned covers entry " +
                    std::to_string(index) + " of " + root + " yet");
  }
  return std::optional<ledger::Checkpoint>();
}

Result<std::string> prove_by_policy(Context& context, const std::string& root,
                                    std::uint64_t index) {
  const Result<std::optional<ledger::Checkpoint>> head = head_by_policy(context, root, index);
  return head ? prove_offline(context.files, root, index, *head ? &**head : nullptr)
              : fail(head.error());
}

Result<std::optional<ledger::Checkpoint>> required_end(Context& context, const std::string& root) {
  Result<Asked> asked = asked_of(context, root);
  if (!asked) {
    return fail(asked.error());
  }
  if (!asked->is_required) {
    return std::optional<ledger::Checkpoint>();
  }
  if (!asked->newest) {
    return fail(Code::kEvidenceUnavailable,
                "no checkpoint of " + root + " was cosigned by enough witnesses yet");
  }
  return std::move(asked->newest);
}

}  // namespace pawl
