#include "app/commands/approval_signing.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "app/commands/approval_words.h"
#include "app/commands/changed_call.h"
#include "app/commands/operator_signature.h"
#include "app/commands/shown_record.h"
#include "app/commands/shown_text.h"
#include "foundation/crypto/sha256.h"
#include "foundation/rules/expiry.h"

namespace pawl {

using approval::Decision;

namespace {

// The first role that the rule asks for, of those that the person has.
Result<std::string> role_of(const Wish& wish, const EnrolledKey& person,
                            const approval::Approval& asked) {
  const auto has = [&](const std::string& role) {
    return std::find(person.roles.begin(), person.roles.end(), role) != person.roles.end();
  };
  if (!wish.role.empty()) {
    return has(wish.role)
               ? Result<std::string>(wish.role)
               : fail(Code::kForbidden, person.name + " does not have the role " + wish.role);
  }
  const auto found = std::find_if(asked.roles().begin(), asked.roles().end(), has);
  if (found != asked.roles().end()) {
    return *found;
  }
  HoldTerms terms = asked.terms;
  terms.roles = asked.roles();
  terms.escalate_to.clear();
  return fail(Code::kForbidden,
              person.name + " may not decide on it: the rule asks " + terms_words(terms));
}

// What the last one who approved said, whom the next one joins by saying the same.
const approval::Signed* said_before(const approval::Approval& asked) {
  const auto last = std::find_if(asked.by.rbegin(), asked.by.rend(), [](const auto& one) {
    return !one.by_rule && one.decision == Decision::kApprove;
  });
  return last != asked.by.rend() ? &*last : nullptr;
}

Status grant(Context& context, const Wish& wish, const approval::Approval& asked,
             approval::Statement& statement) {
  const std::int64_t now = context.clock.wall().seconds();
  const approval::Signed* before = said_before(asked);
  const bool may_join = before != nullptr && before->expires > now;
  statement.uses = wish.uses != 0 ? wish.uses : may_join ? before->uses : 1;
  if (wish.until.empty()) {
    statement.expires = may_join ? before->expires : statement.expires;
    return {};
  }
  const std::optional<std::int64_t> until = rules::parse_time(wish.until);
  if (!until || *until <= now) {
    return fail(Code::kInvalidParams,
                "--until \"" + wish.until + "\": expected a time to come, as 2026-03-07T09:00:00Z");
  }
  statement.expires = *until;
  return {};
}

}  // namespace

Result<approval::Statement> statement_on(Context& context, const HeldCall& call,
                                         const EnrolledKey& person, const Wish& wish) {
  const approval::Approval& asked = call.approval;
  if (asked.phase != approval::Phase::kPending) {
    return fail(Code::kConflict, "approval " + asked.id.text() + " is " +
                                     std::string(phase_name(asked.phase)) + " already");
  }
  const std::string wrong = wish.decision == Decision::kApprove ? wrong_arguments(call) : "";
  if (!wrong.empty()) {
    return fail(Code::kBadSignature, "not signed: " + wrong);
  }
  const Result<std::string> instance = addressed_instance(context, call.instance);
  Result<std::string> role =
      instance ? role_of(wish, person, asked) : Result<std::string>(fail(instance.error()));
  if (!role) {
    return fail(role.error());
  }
  approval::Statement out = approval::draft_statement(asked, *instance, wish.decision);
  out.operator_name = person.name;
  out.role = *std::move(role);
  out.key = person.kid;
  Status fits = wish.decision == Decision::kApprove ? grant(context, wish, asked, out) : Status();
  if (fits && !wish.changed.empty()) {
    out.executed = digest_text(sha256(wish.changed));
  }
  if (fits) {
    fits = approval::check_statement(out, asked, *instance, context.clock.wall().seconds());
  }
  return fits ? Result<approval::Statement>(std::move(out)) : fail(fits.error());
}

std::string signed_lines(const HeldCall& call, const approval::Statement& said) {
  const bool approves = said.decision == Decision::kApprove;
  const approval::Signed* before = said_before(call.approval);
  const bool is_anew = approves && before != nullptr &&
                       (before->executed != said.executed || before->uses != said.uses ||
                        before->expires != said.expires);
  std::string out = labelled("you sign", approves ? "approve, " + counted(said.uses, "use") +
                                                        " until " + shown_time(said.expires)
                                                  : std::string("deny")) +
                    labelled("as", shown_text(said.operator_name) + " (" + shown_text(said.role) +
                                       "), with key " + said.key) +
                    labelled("to", shown_text(said.instance)) +
                    labelled("binding", said.binding_digest) +
                    labelled("terms", said.terms_digest) +
                    labelled("statement", digest_text(approval::statement_digest(said)));
  return is_anew ? out + labelled("note",
                                  "others approved something else (arguments, uses or end): "
                                  "the count starts anew")
                 : out;
}

}  // namespace pawl
