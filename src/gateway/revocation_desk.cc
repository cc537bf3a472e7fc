#include "gateway/revocation_desk.h"

#include <algorithm>

#include "base/limit_stat.h"
#include "base/log.h"
#include "path/plugged.h"
#include "path/proof_names.h"

namespace pawl {

using override_::Revocation;
using override_::RevocationStatement;

namespace {

LimitStat revocations_limit("revocations");

}  // namespace

RevocationDesk::RevocationDesk(Parts parts, override_::RevokedSet in_force)
    : parts_(parts), revoked_(std::move(in_force)) {}

Status RevocationDesk::check_signer(const std::string& kid) const {
  const Revocation* found = revoked_.of_target(key_name(kid));
  return found == nullptr || !plugged(ControlId::kOperatorRevoked)
             ? Status{}
             : fail(Code::kForbidden, "the operator's key that signed it was revoked" +
                                          (found->reason.empty() ? "" : ": " + found->reason));
}

// By the machine's own clock, too, as of a stop: less is always allowed.
Result<override_::VerifiedRevocation> RevocationDesk::verified(const std::string& token) const {
  Result<override_::VerifiedRevocation> out =
      override_::verify_revocation(token, parts_.keys, parts_.audience, parts_.time.wall());
  if (!out) {
    const auto again = override_::verify_revocation(token, parts_.keys, parts_.audience,
                                                    parts_.time.machine_wall());
    out = again && again->statement.lifts.empty() ? again : out;
  }
  const Status counts = out ? check_signer(out->kid) : Status{};
  return counts ? out : fail(counts.error());
}

// The statement's own id names the revocation: sent twice it is one, and none after its lift.
Status RevocationDesk::usable_once(const RevocationStatement& statement) const {
  if (const Revocation* known = revoked_.find(statement.id)) {
    return known->target == statement.target
               ? Status{}
               : fail(Code::kConflict, "the statement's jti is that of a revocation of " +
                                           known->target + "; sign one with a new jti");
  }
  if (parts_.lifted.contains(statement.id) && plugged(ControlId::kStatementOnce)) {
    return fail(Code::kConflict, "the statement was used, and its revocation " +
                                     statement.id.text() + " lifted; sign a new one");
  }
  if (statement.target == key_name(parts_.keys.instance_kid())) {
    return fail(Code::kConflict,
                "this is the key that signs the records here: `pawl keys "
                "compromised` replaces it, and marks what it signed");
  }
  if (revoked_.size() >= kMost) {
    revocations_limit.reached();
    return fail(Code::kOverloaded,
                "4096 revocations are in force; instead of single tokens, revoke their key");
  }
  return {};
}

Result<RevocationReceipt> RevocationDesk::revoke(const std::string& token, const Back& back) {
  const Result<override_::VerifiedRevocation> said = verified(token);
  if (!said) {
    return fail(said.error());
  }
  const RevocationStatement& statement = said->statement;
  if (!statement.lifts.empty()) {
    return fail(Code::kTokenInvalid, "the statement is a lift, and revokes nothing");
  }
  if (Status usable = usable_once(statement); !usable) {
    return fail(usable.error());
  }
  RevocationReceipt receipt{Revocation{statement.id, statement.target, statement.reason,
                                       said->operator_name, parts_.time.wall(), statement.since_s},
                            true, ""};
  if (const Revocation* known = revoked_.find(statement.id)) {
    receipt.revocation = *known;
    journal(receipt);  // a slot may be free by now
    return receipt;
  }
  revoked_.apply(receipt.revocation);
  publish();
  journal(receipt);
  log(LogLevel::kWarn, "revoked",
      {{"target", statement.target}, {"revocation", statement.id.text()}});
  parts_.hooks.revoked(receipt.revocation, receipt.journaled, said->kid, token,
                       [this, back, id = statement.id](const Status& recorded) {
                         if (recorded) {
                           back([this, id] { parts_.journal.in_ledger(id); });
                         }
                       });
  return receipt;
}

void RevocationDesk::journal(RevocationReceipt& receipt) {
  if (parts_.journal.holds(receipt.revocation.id)) {
    return;
  }
  if (Status written = parts_.journal.record(receipt.revocation); !written) {
    receipt.journaled = false;
    receipt.problem = written.error().message;
    log(LogLevel::kError, "revocation_not_journaled", {{"reason", receipt.problem}});
  }
}

void RevocationDesk::publish() {
  parts_.board.publish_revoked(revoked_);
  parts_.gate.advance(EpochKind::kRevocations);
}

Result<std::vector<Revocation>> RevocationDesk::to_lift(
    const RevocationStatement& statement) const {
  if (statement.lifts.empty()) {
    return fail(Code::kTokenInvalid, "the statement is not a lift that names revocations");
  }
  std::vector<Revocation> out;
  for (const Uuid& id : statement.lifts) {
    const Revocation* found = revoked_.find(id);
    if (found == nullptr) {
      return fail(Code::kNotFound, "no revocation " + id.text() + " is in force");
    }
    if (found->target != statement.target) {
      return fail(Code::kConflict, "revocation " + id.text() + " is about " + found->target);
    }
    if (std::find(lifting_.begin(), lifting_.end(), id) != lifting_.end()) {
      return fail(Code::kConflict, "revocation " + id.text() + " is being lifted");
    }
    out.push_back(*found);
  }
  if (!parts_.lifted.room_for(lifting_.size() + out.size(), parts_.time.wall())) {
    return fail(Code::kOverloaded,
                "1024 stops and revocations were lifted in the last minutes, and each is kept "
                "until its statement is past; send it again later");
  }
  return out;
}

void RevocationDesk::lift(const std::string& token, const Back& back,
                          std::function<void(Result<std::vector<Revocation>>)> done) {
  Result<override_::VerifiedRevocation> said = verified(token);
  Result<std::vector<Revocation>> lifted =
      said ? to_lift(said->statement) : Result<std::vector<Revocation>>(fail(said.error()));
  if (!lifted) {
    done(fail(lifted.error()));
    return;
  }
  const std::vector<Uuid> ids = said->statement.lifts;
  lifting_.insert(lifting_.end(), ids.begin(), ids.end());
  parts_.hooks.record_lift(*std::move(said), [this, back, ids, lifted = *lifted,
                                              done = std::move(done)](const Status& recorded) {
    back([this, ids, lifted, done, recorded] {
      std::erase_if(lifting_, [&](const Uuid& id) {
        return std::find(ids.begin(), ids.end(), id) != ids.end();
      });
      if (!recorded) {
        done(fail(recorded.error()));
        return;
      }
      for (const Revocation& revocation : lifted) {
        revoked_.lift(revocation.id);
        parts_.lifted.add(revocation.id, parts_.time.wall().seconds());
        // A slot that stays is passed over at the next start: the ledger says it ended.
        if (Status erased = parts_.journal.erase(revocation.id); !erased) {
          log(LogLevel::kError, "journal_slot_not_erased", {{"reason", erased.error().message}});
        }
        log(LogLevel::kWarn, "revocation_lifted",
            {{"target", revocation.target}, {"revocation", revocation.id.text()}});
      }
      publish();
      done(lifted);
    });
  });
}

}  // namespace pawl
