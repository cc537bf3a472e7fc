#include "app/commands/approvals_command.h"

#include <algorithm>
#include <memory>
#include <ostream>

#include "app/commands/approval_signing.h"
#include "app/commands/approvals_watch.h"
#include "app/commands/changed_call.h"
#include "app/commands/local_http.h"
#include "app/commands/operator_list.h"
#include "app/commands/operator_signature.h"
#include "app/commands/shown_held_call.h"
#include "app/commands/shown_record.h"
#include "app/commands/shown_text.h"
#include "operators/approval/statement_wire.h"

namespace pawl {
namespace {

using approval::Decision;

struct ApprovalFlags {
  std::string name;  // of the approval
  std::string key_file, role, person, until;
  std::string arguments_file, reason;
  std::uint32_t uses = 0;  // 0: not said
  bool all = false, as_changed = false, as_asked = false;
};

// A refusal of the daemon is not the lack of one.
int told(Context& context, const Error& error) {
  const bool is_unclear = error.code == Code::kUpstreamUnavailable ||
                          error.code == Code::kNotFound || error.code == Code::kInvalidParams;
  return report(context, error, is_unclear ? kExitUnclear : kExitBad);
}

Result<json::Value> ask(Context& context, const DataFolder& folder, const std::string& what,
                        const std::string& body = "") {
  return ask_daemon(context.files, folder, DaemonListener::kControl, "/api/v1/approvals" + what,
                    body);
}

struct ListedCalls {
  json::Array answer;  // as the daemon gave them
  std::vector<HeldCall> calls;
};

Result<ListedCalls> listed(Context& context, const DataFolder& folder) {
  const Result<json::Value> answer = ask(context, folder, "");
  if (!answer) {
    return fail(answer.error());
  }
  ListedCalls out;
  const json::Value* list = json::find(*answer, {"approvals"});
  for (const json::Value& one :
       list != nullptr && list->is_array() ? list->get_array() : json::Array()) {
    Result<HeldCall> call = read_held_call(one);
    if (!call) {
      return fail(call.error());
    }
    out.answer.push_back(one);
    out.calls.push_back(*std::move(call));
  }
  return out;
}

int list(Context& context, const ApprovalFlags& flags) {
  const Result<DataFolder> folder = data_folder(context);
  const Result<ListedCalls> calls =
      folder ? listed(context, *folder) : Result<ListedCalls>(fail(folder.error()));
  if (!calls) {
    return told(context, calls.error());
  }
  json::Array shown;
  std::size_t ended = 0;
  for (std::size_t i = 0; i < calls->calls.size(); ++i) {
    const HeldCall& call = calls->calls[i];
    if (!flags.all && !call.approval.live()) {
      ++ended;
    } else if (context.io.json) {
      shown.push_back(calls->answer[i]);
    } else {
      context.io.out << held_call_line(call, context.clock.wall().seconds());
    }
  }
  if (context.io.json) {
    context.io.out << json::print(json::Object{{"approvals", std::move(shown)}}) << "\n";
  } else if (calls->calls.size() == ended) {
    context.io.out << "no call waits for people"
                   << (ended > 0 ? " (--all shows " + counted(ended, "ended one") + ")" : "")
                   << "\n";
  }
  return kExitGood;
}

struct FetchedCall {
  json::Value answer;
  HeldCall call;
};

Result<FetchedCall> fetched(Context& context, const DataFolder& folder, const std::string& name) {
  Result<Uuid> id = Uuid::parse(name);
  if (!id) {
    const Result<ListedCalls> calls = listed(context, folder);
    id = calls ? find_held_call(calls->calls, name) : Result<Uuid>(fail(calls.error()));
  }
  const Result<json::Value> answer =
      id ? ask(context, folder, "/" + id->text()) : Result<json::Value>(fail(id.error()));
  Result<HeldCall> call = answer ? read_held_call(*answer) : fail(answer.error());
  if (!call) {
    return fail(call.error());
  }
  if (call->approval.id != *id) {
    return fail(Code::kMalformed, "the daemon answered with another approval");
  }
  return FetchedCall{*answer, *std::move(call)};
}

int show(Context& context, const ApprovalFlags& flags) {
  const Result<DataFolder> folder = data_folder(context);
  const Result<FetchedCall> found =
      folder ? fetched(context, *folder, flags.name) : Result<FetchedCall>(fail(folder.error()));
  if (!found) {
    return told(context, found.error());
  }
  const std::string wrong = wrong_arguments(found->call);
  if (context.io.json) {
    json::Object out = found->answer.get_object();
    out["arguments_match"] = wrong.empty();
    context.io.out << json::print(out) << "\n";
  } else {
    context.io.out << shown_held_call(found->call, context.clock.wall().seconds());
  }
  return found->call.params && !wrong.empty() ? kExitBad : kExitGood;
}

// ---- to decide ----

// -1: the daemon does not say.
std::int64_t callers_of(const json::Value& answer) {
  const json::Value* callers = json::find(answer, {"callers"});
  return callers != nullptr && callers->is_int64() ? callers->get_int64() : -1;
}

// What the daemon made of it.
int tell_outcome(Context& context, Decision decision, const json::Value& answer) {
  const std::string phase(json::find_string(answer, {"phase"}).value_or("unknown"));
  const json::Value* left = json::find(answer, {"needed"});
  const std::int64_t needed = left != nullptr && left->is_int64() ? left->get_int64() : 0;
  const bool is_waiting = decision == Decision::kApprove && phase == "pending";
  const bool is_done =
      decision == Decision::kApprove ? phase == "approved" || phase == "spent" : phase == "denied";
  if (context.io.json) {
    context.io.out << json::print(answer) << "\n";
  } else {
    context.io.out << labelled(
        "outcome", is_waiting ? "recorded; " + std::to_string(needed) + " more " +
                                    (needed == 1 ? "person has" : "people have") + " to agree"
                   : phase == "approved" && callers_of(answer) == 0
                       ? phase + "; " + callers_words(0)
                       : shown_text(phase));
  }
  return is_waiting || is_done ? kExitGood : kExitBad;
}

// What takes the place of the call's params; empty: nothing does.
Result<std::string> changed_params(Context& context, const HeldCall& call,
                                   const ApprovalFlags& flags, Decision decision) {
  const bool says_which = flags.as_asked || flags.as_changed || !flags.arguments_file.empty();
  if (decision == Decision::kApprove && call.changed && !says_which) {
    return fail(Code::kInvalidParams,
                "not signed: it was approved with other arguments. --as-changed signs the same; "
                "--as-asked signs what was asked for, and the count starts anew");
  }
  if (!flags.arguments_file.empty()) {
    return changed_by_file(context, call, flags.arguments_file);
  }
  return flags.as_changed ? changed_before(call) : Result<std::string>(std::string());
}

Result<json::Value> decided(Context& context, const ApprovalFlags& flags, Decision decision) {
  const Result<DataFolder> folder = data_folder(context);
  const Result<SigningKey> key =
      folder ? needed_operator_key(context, *folder, flags.key_file, "a decision")
             : Result<SigningKey>(fail(folder.error()));
  const Result<json::Value> told_list =
      key ? ask_operators(context, *folder) : Result<json::Value>(fail(key.error()));
  const Result<OperatorList> people =
      told_list ? read_operator_list(*told_list) : Result<OperatorList>(fail(told_list.error()));
  const Result<EnrolledKey> person =
      people ? enrolled_as(*people, key->public_key().thumbprint(), flags.person)
             : Result<EnrolledKey>(fail(people.error()));
  const Result<FetchedCall> found =
      person ? fetched(context, *folder, flags.name) : Result<FetchedCall>(fail(person.error()));
  const Result<std::string> changed = found ? changed_params(context, found->call, flags, decision)
                                            : Result<std::string>(fail(found.error()));
  const Result<approval::Statement> said =
      changed ? statement_on(context, found->call, *person,
                             {decision, flags.role, flags.until, flags.uses, *changed})
              : Result<approval::Statement>(fail(changed.error()));
  if (!said) {
    return fail(said.error());
  }
  if (!context.io.json) {
    context.io.out << shown_held_call(found->call, context.clock.wall().seconds());
    if (!changed->empty()) {
      context.io.out << labelled("you change", "") << shown_change(*found->call.params, *changed);
    }
    context.io.out << signed_lines(found->call, *said);
  }
  const Result<std::string> token = approval::sign_statement(*said, *key);
  if (!token) {
    return fail(token.error());
  }
  json::Object body{{"statement", *token}};
  if (!changed->empty()) {
    body["params"] = *changed;
  }
  return ask(context, *folder, "/decide", json::print(body));
}

int decide(Context& context, const ApprovalFlags& flags, Decision decision) {
  const Result<json::Value> answer = decided(context, flags, decision);
  return answer ? tell_outcome(context, decision, *answer) : told(context, answer.error());
}

// The text is for review: nothing takes force by it.
int propose(Context& context, const ApprovalFlags& flags) {
  const Result<DataFolder> folder = data_folder(context);
  const Result<FetchedCall> found =
      folder ? fetched(context, *folder, flags.name) : Result<FetchedCall>(fail(folder.error()));
  if (!found) {
    return told(context, found.error());
  }
  json::Object body{{"approval", found->call.approval.id.text()}};
  if (!flags.reason.empty()) {
    body["reason"] = flags.reason;
  }
  const Result<json::Value> answer = ask(context, *folder, "/propose", json::print(body));
  if (!answer) {
    return told(context, answer.error());
  }
  if (context.io.json) {
    context.io.out << json::print(*answer) << "\n";
  } else {
    // To be pasted: nothing in it is hidden (foundation/rules/proposed_change.h).
    context.io.out << json::find_string(*answer, {"text"}).value_or("");
    context.io.out << "# recorded: " << shown_text(json::find_string(*answer, {"id"}).value_or(""))
                   << "\n";
  }
  return kExitGood;
}

CLI::App* add_of_one(CLI::App& group, const std::string& name, const std::string& what,
                     const std::vector<std::string>& examples, ApprovalFlags& flags) {
  CLI::App* command = add_command(group, name, what, examples);
  command
      ->add_option("id", flags.name,
                   "The approval: its id, or 8 or more characters of its beginning or end")
      ->required();
  return command;
}

void add_signer(CLI::App& command, ApprovalFlags& flags) {
  command
      .add_option("--key,--key-file", flags.key_file,
                  "Your operator key (default: DATA/operator.pem)")
      ->type_name("FILE");
  command.add_option("--role", flags.role,
                     "In which role you decide (default: the first that the rule asks for)");
  command.add_option("--operator", flags.person,
                     "Who you are; refused if the key is somebody else's");
}

}  // namespace

void add_approvals(CLI::App& root, Context& context) {
  CLI::App* group =
      add_group(root, "approvals", "See the calls that wait for people, and decide on them",
                {"pawl approvals list", "pawl approvals show 8c1d0e11"});
  auto flags = std::make_shared<ApprovalFlags>();
  CLI::App* listing = add_command(*group, "list", "Which calls wait for people, or were approved",
                                  {"pawl approvals list", "pawl approvals list --all --json"});
  listing->add_flag("--all", flags->all, "Those that have ended, too");
  on_run(*listing, context, [&context, flags] { return list(context, *flags); });

  add_watch(*group, context);
  CLI::App* showing = add_of_one(
      *group, "show", "Who wants what, with the exact arguments, and who decided already",
      {"pawl approvals show 019ab1c2-7d10-7c3e-9a54-2f6b8c1d0e11"}, *flags);
  on_run(*showing, context, [&context, flags] { return show(context, *flags); });

  CLI::App* approving = add_of_one(
      *group, "approve", "Sign that this exact call may go through",
      {"pawl approvals approve 019ab1c2-7d10-7c3e-9a54-2f6b8c1d0e11",
       "pawl approvals approve 8c1d0e11 --uses 3 --until 2026-03-07T09:00:00Z --key bob.pem",
       "pawl approvals approve 8c1d0e11 --arguments smaller.json"},
      *flags);
  add_signer(*approving, *flags);
  approving
      ->add_option("--uses", flags->uses,
                   "How often (default 1, or as who approved before; at most what the rule says)")
      ->type_name("N");
  approving
      ->add_option("--until", flags->until,
                   "Until when it may be used (default: as long as people may decide)")
      ->type_name("TIME");
  CLI::Option* own = approving->add_option("--arguments", flags->arguments_file,
                                           "With these arguments in place of the call's");
  own->type_name("FILE");
  CLI::Option* same = approving->add_flag("--as-changed", flags->as_changed,
                                          "With those that the last one who approved put there");
  same->excludes(own);
  approving
      ->add_flag("--as-asked", flags->as_asked,
                 "With the call's own, though somebody approved it with others")
      ->excludes(own)
      ->excludes(same);
  on_run(*approving, context,
         [&context, flags] { return decide(context, *flags, Decision::kApprove); });

  CLI::App* proposing = add_of_one(
      *group, "propose", "Say what to change in the rules so that nobody is asked, for review",
      {"pawl approvals propose 8c1d0e11 --reason \"it is always right\" > proposal.yaml"}, *flags);
  proposing->add_option("--reason", flags->reason, "Why; recorded with it")->type_name("TEXT");
  on_run(*proposing, context, [&context, flags] { return propose(context, *flags); });

  CLI::App* denying =
      add_of_one(*group, "deny", "Sign that it may not",
                 {"pawl approvals deny 019ab1c2-7d10-7c3e-9a54-2f6b8c1d0e11"}, *flags);
  add_signer(*denying, *flags);
  on_run(*denying, context, [&context, flags] { return decide(context, *flags, Decision::kDeny); });
}

}  // namespace pawl
