#include "app/daemon/equivocations.h"

#include "base/log.h"
#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/kept_evidence.h"

namespace pawl {
namespace {

// That the first `size` entries of the ledger are part of what `newest` covers.
Result<ledger::Proof> proof_from(const ledger::Ledger& ledger, std::uint64_t size,
                                 const ledger::Checkpoint& newest) {
  if (size >= newest.size) {
    return ledger::Proof{};
  }
  const Result<Digest> root = ledger.root_at(size);
  const Result<ledger::Proof> proof =
      root ? ledger.consistency(size, newest.size) : fail(root.error());
  return proof ? Result<ledger::Proof>(ledger::prefix_proof(size, *root, *proof))
               : fail(proof.error());
}

}  // namespace

std::string Equivocations::raise(const ledger::Ledger& ledger, const std::string& note,
                                 const std::string& found_by) const {
  const Result<ledger::VerifierKey> key = ledger::VerifierKey::parse(ledger.vkey());
  const Result<ledger::TreeHead> head = ledger::read_checkpoint(note);
  const ledger::Checkpoint newest = ledger.latest();
  const Result<ledger::Proof> proof =
      head ? proof_from(ledger, head->size, newest) : fail(head.error());
  const auto evidence =
      key && proof ? ledger::contradiction(note, newest.note, *proof, *key) : std::nullopt;
  if (!evidence) {
    return "";
  }
  const Result<std::string> path = ledger::keep_evidence(files_, folder_, *evidence, *key);
  log(LogLevel::kError, "equivocation",
      {{"log", key->name},
       {"found_by", found_by},
       {"why", ledger::contradiction_text(*ledger::check_equivocation(*evidence, *key))},
       {"evidence", path ? *path : "not kept: " + path.error().message}});
  return path ? *path : "";
}

std::vector<std::string> Equivocations::kept() const {
  return ledger::kept_evidence(files_, folder_);
}

}  // namespace pawl
