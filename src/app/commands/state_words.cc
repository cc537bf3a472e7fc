#include "app/commands/state_words.h"

#include "app/commands/approval_words.h"
#include "app/commands/shown_record.h"
#include "app/commands/shown_text.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "foundation/records/record_claims.h"
#include "operators/override/override_wire.h"
#include "operators/override/revocation_wire.h"

namespace pawl {
namespace {

const json::Value* body_at(const jose::Jws& record, std::string_view kind) {
  const std::string member = std::string(names::kExtPrefix) + std::string(kinds::area(kind));
  return in_extension(record.typ, record.payload, {member});
}

std::string text(const json::Value& at, std::initializer_list<std::string_view> path) {
  return shown_text(json::find_string(at, path).value_or(""));
}

std::uint64_t number(const json::Value& at, std::string_view name) {
  const json::Value* found = json::find(at, {name});
  return found != nullptr && found->is_number() ? found->to_number<std::uint64_t>() : 0;
}

std::string because(const std::string& reason) {
  return reason.empty() ? "" : ": " + reason;
}

bool is_signed(const json::Value& body) {
  return json::find_string(body, {"statement"}).has_value();
}

std::string stop_words(const json::Value& body) {
  return text(body, {"stop", "scope"}) + " stopped by " + text(body, {"stop", "by"}) +
         (is_signed(body) ? " (signed)" : "") + because(text(body, {"stop", "reason"}));
}

// The reason of a resume stands in what the operator signed.
std::string lift_reason(const json::Value& body) {
  const auto statement = json::find_string(body, {"statement"});
  const Result<jose::Jws> jws =
      statement ? jose::decode(std::string(*statement)) : fail(Code::kNotFound, "");
  const Result<override_::Statement> read =
      jws ? override_::read_statement(*jws) : fail(jws.error());
  return read ? read->reason : "";
}

std::size_t lifted(const json::Value& body, std::string_view name = "stops") {
  const json::Value* list = json::find(body, {name});
  return list != nullptr && list->is_array() ? list->get_array().size() : 0;
}

std::string lift_words(const json::Value& body) {
  return text(body, {"scope"}) + " resumed by " + text(body, {"operator"}) + ", signed with key " +
         text(body, {"kid"}) + " (" + counted(lifted(body), "stop") + " lifted)" +
         because(shown_text(lift_reason(body)));
}

// In doubt, or suspect, since then.
std::string since_words(const json::Value& at, std::string_view what) {
  const json::Value* since = json::find(at, {"since"});
  return since != nullptr && since->is_int64()
             ? ", " + std::string(what) + " since " + shown_time(since->get_int64())
             : "";
}

std::string revoked_words(const json::Value& body) {
  const json::Value* found = json::find(body, {"revocation"});
  const json::Value revocation = found != nullptr ? *found : json::Value(json::Object());
  const std::string kid = text(body, {"kid"});
  return text(revocation, {"target"}) + " revoked by " + text(revocation, {"by"}) +
         (kid.empty() ? "" : ", signed with key " + kid) + since_words(revocation, "in doubt") +
         because(text(revocation, {"reason"}));
}

std::string restored_words(const json::Value& body) {
  const auto statement = json::find_string(body, {"statement"});
  const Result<jose::Jws> jws =
      statement ? jose::decode(std::string(*statement)) : fail(Code::kNotFound, "");
  const auto said = jws ? override_::read_revocation_statement(*jws)
                        : Result<override_::RevocationStatement>(fail(jws.error()));
  return text(body, {"target"}) + " no longer revoked, by " + text(body, {"operator"}) +
         ", signed with key " + text(body, {"kid"}) + " (" +
         counted(lifted(body, "revocations"), "revocation") + " lifted)" +
         because(said ? shown_text(said->reason) : "");
}

std::string key_words(std::string_view kind, const json::Value& body) {
  const std::string key = "key " + text(body, {"kid"});
  if (kind != kinds::kKeyCompromised) {
    return key + (kind == kinds::kKeyActivated ? " signs from now on" : " retired");
  }
  const std::string next = text(body, {"next"});
  return key + " reported as compromised by " + text(body, {"operator"}) +
         since_words(body, "suspect") + (next.empty() ? "" : ", next key " + next) +
         because(text(body, {"reason"}));
}

std::string start_words(const json::Value& body) {
  const std::uint64_t open = number(body, "recovered_intents") + number(body, "recovered_notes");
  return "started" +
         (open == 0 ? std::string() : "; the last run left " + counted(open, "call") + " open");
}

std::string list_words(const json::Value& body, std::string_view name) {
  std::string out;
  const json::Value* list = json::find(body, {name});
  for (const json::Value& one :
       list != nullptr && list->is_array() ? list->get_array() : json::Array()) {
    out += out.empty() ? "" : ", ";
    out += one.is_string() ? shown_text(one.get_string()) : "?";
  }
  return out;
}

std::string config_words(const json::Value& body) {
  const std::string changed = list_words(body, "changed");
  return json::find(body, {"before"}) == nullptr ? "configuration recorded for the first time"
         : changed.empty()                       ? "changed: too many sections to name"
                                                 : "changed: " + changed;
}

std::string process_words(std::string_view kind, const json::Value& body) {
  const std::string of =
      text(body, {"server"}) + (json::find(body, {"agent"}) != nullptr ? " (wrapped)" : "");
  if (kind == kinds::kProcessStarted) {
    return "process of " + of + ": " + text(body, {"program"}) + ", start " +
           std::to_string(number(body, "start"));
  }
  const std::string end = text(body, {"end"});
  const std::string how = end == "exited"     ? "status " + std::to_string(number(body, "status"))
                          : end == "signaled" ? "signal " + std::to_string(number(body, "signal"))
                          : end == "not_run"  ? "never ran: " + text(body, {"detail"})
                                              : "nobody saw how";
  const std::string why = text(body, {"why"});
  return "process of " + of + " ended: " + how + (why.empty() ? "" : ", " + why);
}

std::string policy_words(const json::Value& body) {
  std::string out = counted(number(body, "rules"), "rule") + " in force";
  if (const json::Value* set = json::find(body, {names::kPolicySet})) {
    out += ", " + text(*set, {names::kSetName}) + "/" +
           std::to_string(number(*set, names::kSetVersion)) + " of " +
           text(*set, {names::kSetOwner});
  }
  const std::string signer = text(body, {"operator"});
  return out + (signer.empty() ? "" : ", signed by " + signer);
}

}  // namespace

std::string state_words(std::string_view kind, const jose::Jws& record) {
  const json::Value* found = body_at(record, kind);
  const json::Value body = found != nullptr ? *found : json::Value(json::Object());
  if (kind == kinds::kOverrideApplied) {
    return stop_words(body);
  }
  if (kind == kinds::kOverrideLifted) {
    return lift_words(body);
  }
  if (kind == kinds::kPolicyActivated) {
    return policy_words(body);
  }
  if (kind == kinds::kNodeStarted) {
    return start_words(body);
  }
  if (kind == kinds::kConfigChanged) {
    return config_words(body);
  }
  if (kind == kinds::kProcessStarted || kind == kinds::kProcessExited) {
    return process_words(kind, body);
  }
  if (kind == kinds::kIdentityEnrolled || kind == kinds::kIdentityRemoved) {
    const std::string changed = list_words(body, "changed");
    return text(body, {"identity", "target"}) + (kind == kinds::kIdentityRemoved ? " removed"
                                                 : changed.empty()               ? " enrolled"
                                                                   : " changed: " + changed);
  }
  if (kind == kinds::kIdentityRevoked) {
    return revoked_words(body);
  }
  if (kind == kinds::kIdentityRestored) {
    return restored_words(body);
  }
  if (kind == kinds::kKeyActivated || kind == kinds::kKeyRetired ||
      kind == kinds::kKeyCompromised) {
    return key_words(kind, body);
  }
  if (kind == kinds::kTokenReceived) {
    return "token " + text(body, {names::kBodyTokenId}) + " of " + text(body, {names::kClaimIss}) +
           ", presented by " + text(body, {"agent"});
  }
  if (kind == kinds::kLedgerPruned) {
    return "entries below " + std::to_string(number(body, names::kBodyMinimum)) + " pruned, but " +
           std::to_string(number(body, names::kBodyKeptCount)) + " that are kept";
  }
  if (kind == kinds::kAuditErasure) {
    return text(body, {"retention"}) + " of the vault erased";
  }
  return kind == kinds::kNodeStopped ? "ended" + because(text(body, {"reason"}))
                                     : approval_words(kind, body);
}

json::Object state_members(std::string_view kind, const jose::Jws& record) {
  json::Object out;
  const json::Value* body = body_at(record, kind);
  if (body == nullptr) {
    return out;
  }
  if (kind == kinds::kOverrideApplied) {
    if (const json::Value* stop = json::find(*body, {"stop"})) {
      out["stop"] = *stop;
    }
  } else if (kind == kinds::kOverrideLifted) {
    json::Object lift{{"reason", lift_reason(*body)}};
    for (const char* name : {"scope", "operator", "kid", "stops"}) {
      if (const json::Value* value = json::find(*body, {name})) {
        lift[name] = *value;
      }
    }
    out["lift"] = std::move(lift);
  }
  return out;
}

}  // namespace pawl
