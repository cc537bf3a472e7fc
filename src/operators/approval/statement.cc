#include "operators/approval/statement.h"

#include <algorithm>
#include <utility>

#include "operators/approval/approval.h"

namespace pawl::approval {
namespace {

tl::unexpected<Error> refuse(Code code, std::string_view why) {
  return fail(code, "approval statement: " + std::string(why));
}

Status check_denial(const Statement& statement) {
  if (statement.executed != statement.requested || statement.uses != 0 || statement.expires != 0) {
    return refuse(Code::kTokenInvalid, "executed, uses and expires of a denial grant nothing");
  }
  return {};
}

Status check_grant(const Statement& statement, const Approval& approval, std::int64_t now) {
  if (!is_digest(statement.executed)) {
    return refuse(Code::kTokenInvalid, "executed is no digest");
  }
  if (statement.uses < 1 || statement.uses > approval.terms.uses) {
    return refuse(Code::kInvalidParams,
                  "uses: the rule permits 1 to " + std::to_string(approval.terms.uses));
  }
  if (statement.expires <= now) {
    return refuse(Code::kConflict, "expires is past");
  }
  if (statement.expires >
      std::max(approval.expires_at, approval.requested_at + kLongestGrantSeconds)) {
    return refuse(Code::kInvalidParams, "expires: more than a day after the request");
  }
  return {};
}

// The same before and after it was passed on to others, so that who signs then can agree with who
// signed before.
std::int64_t usual_end(const Approval& approval) {
  if (approval.escalated || approval.terms.escalate_to.empty()) {
    return approval.expires_at;
  }
  return std::max(approval.expires_at, approval.requested_at + std::min(2 * approval.terms.within_s,
                                                                        kLongestGrantSeconds));
}

}  // namespace

std::string terms_digest(const HoldTerms& terms, std::string_view owner) {
  json::Object out{{"owner", owner}};
  out["terms"] = print_hold_terms(terms);
  return digest_text(sha256(json::canonical(json::Value(std::move(out)))));
}

Statement draft_statement(const Approval& approval, std::string_view instance, Decision decision) {
  Statement out;
  out.instance = instance;
  out.approval = approval.id;
  out.binding = approval.binding;
  out.binding_digest = binding_digest(approval.binding);
  out.terms_digest = terms_digest(approval.terms, approval.owner);
  out.requested = approval.binding.digest;
  out.executed = approval.binding.digest;
  out.decision = decision;
  if (decision == Decision::kApprove) {
    out.uses = 1;
    out.expires = usual_end(approval);
  }
  out.nonce = approval.nonce;
  return out;
}

json::Object print_statement(const Statement& statement) {
  json::Object out{{"instance", statement.instance},
                   {"approval", statement.approval.text()},
                   {"binding_digest", statement.binding_digest},
                   {"terms_digest", statement.terms_digest},
                   {"requested", statement.requested},
                   {"executed", statement.executed},
                   {"decision", decision_name(statement.decision)},
                   {"uses", std::int64_t{statement.uses}},
                   {"expires", statement.expires},
                   {"nonce", statement.nonce},
                   {"operator", statement.operator_name},
                   {"role", statement.role},
                   {"key", statement.key}};
  out["binding"] = print_binding(statement.binding);
  return out;
}

std::string canonical_statement(const Statement& statement) {
  return json::canonical(json::Value(print_statement(statement)));
}

Digest statement_digest(const Statement& statement) {
  return sha256(canonical_statement(statement));
}

Status check_statement(const Statement& statement, const Approval& approval,
                       std::string_view instance, std::int64_t now) {
  const struct {
    bool holds;
    std::string_view why;
  } equal[] = {
      {statement.instance == instance, "instance: made for another one"},
      {statement.approval == approval.id, "approval: made for another one"},
      {statement.binding == approval.binding, "binding: made for another call"},
      {statement.binding_digest == binding_digest(approval.binding),
       "binding_digest: made for another call"},
      {statement.terms_digest == terms_digest(approval.terms, approval.owner),
       "terms_digest: made on other terms"},
      {statement.requested == approval.binding.digest, "requested: made for other arguments"},
      {statement.nonce == approval.nonce, "nonce: made for another request"},
      {!statement.operator_name.empty(), "operator: missing"},
      {!statement.role.empty(), "role: missing"},
      {!statement.key.empty(), "key: missing"},
  };
  for (const auto& one : equal) {
    if (!one.holds) {
      return refuse(Code::kTokenInvalid, one.why);
    }
  }
  return statement.decision == Decision::kDeny ? check_denial(statement)
                                               : check_grant(statement, approval, now);
}

}  // namespace pawl::approval
