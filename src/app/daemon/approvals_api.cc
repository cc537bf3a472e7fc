#include "app/daemon/approvals_api.h"

#include <memory>

#include "app/api/approval_rights.h"
#include "app/api/decision_body.h"
#include "app/api/http_answer.h"
#include "app/daemon/usual_shown.h"

namespace pawl {
namespace {

using approval::Approval;

constexpr std::string_view kPath = "/api/v1/approvals";

class ApprovalsApi {
 public:
  explicit ApprovalsApi(ApprovalsApiParts parts) : parts_(std::move(parts)) {}

  void answer(const http::Request& request, const ApprovalDesk::Done& done) const {
    const Result<Asker> asker = parts_.door.who(request);
    const std::string_view what = std::string_view(request.path).substr(kPath.size());
    if (!asker) {
      done(fail(asker.error()));
    } else if (request.method == "GET" && what.empty()) {
      json::Object out;
      out["approvals"] =
          parts_.approvals.list([&](const Approval& one) { return sees(*asker, one); });
      done(std::move(out));
    } else if (request.method == "POST" && what == "/decide") {
      decide(*asker, request.body, done);
    } else if (request.method == "POST" && what == "/propose") {
      propose(*asker, request.body, done);
    } else if (request.method == "GET" && what.starts_with("/")) {
      done(show(*asker, what.substr(1)));
    } else {
      done(fail(Code::kNotFound, "no such resource of the API"));
    }
  }

 private:
  bool sees(const Asker& asker, const Approval& one) const {
    return !asker.session || may(*asker.session, sign_in::Role::kViewer, one, place_of(one));
  }

  CallPlace place_of(const Approval& one) const {
    return {parts_.domain, parts_.groups(one.binding.agent)};
  }

  Result<json::Object> show(const Asker& asker, std::string_view name) const {
    const Result<Uuid> id = Uuid::parse(name);
    if (!id) {
      return fail(Code::kInvalidParams, "expected an approval's id, a UUID");
    }
    const Approval* one = parts_.approvals.find(*id);
    if (one == nullptr || !sees(asker, *one)) {
      return fail(Code::kNotFound, "approval: there is none of this id");
    }
    Result<json::Object> out = parts_.approvals.show(*id, why_not(asker, *one));
    if (out) {
      (*out)["effect"] = parts_.effect(one->binding);
      for (auto& [member, value] : parts_.history(*one, viewer_of(asker))) {
        (*out)[member] = value;
      }
      add_usual(asker, *one, *out);
      add_obligations(*one, *out);
    }
    return out;
  }

  static Viewer viewer_of(const Asker& asker) {
    return asker.session ? Viewer(asker.session->person.grants) : Viewer::of_token();
  }

  std::string why_not(const Asker& asker, const Approval& one) const {
    return asker.session ? why_no_arguments(*asker.session, one, place_of(one)) : "";
  }

  // For who may read the arguments of this call, and of others of its agent like it: on whosever
  // behalf, in whichever workflow.
  void add_usual(const Asker& asker, const Approval& one, json::Object& out) const {
    const auto params = json::find_string(out, {"params"});
    const bool may_read = !asker.session || may_read_usual(*asker.session, one, place_of(one));
    if (!params || !may_read || !has_usual(one.binding)) {
      return;
    }
    const approval::UsualCalls* usual = parts_.usual(one.binding);
    const json::Object shown =
        usual_shown(usual != nullptr ? *usual : approval::UsualCalls(), std::string(*params));
    for (const auto& [member, value] : shown) {
      out.emplace("usual", json::Object()).first->value().as_object()[member] = value;
    }
  }

  // Of what goes out; it tells of the arguments, so it is for who may read them.
  void add_obligations(const Approval& one, json::Object& out) const {
    const auto asked = json::find_string(out, {"params"});
    if (!asked) {
      return;
    }
    const auto changed = json::find_string(out, {"changed", "params"});
    const std::string words = parts_.obliged(one.binding, std::string(changed.value_or(*asked)));
    if (!words.empty()) {
      out["obliged"] = words;
    }
  }

  void decide(const Asker& asker, std::string_view body, const ApprovalDesk::Done& done) const {
    const Result<DecisionBody> shown = decision_in(body);
    const Status allowed = shown ? may_decide(asker, shown->evidence) : fail(shown.error());
    if (!allowed) {
      done(fail(allowed.error()));
    } else if (!asker.session) {
      parts_.approvals.decide(shown->evidence, shown->params, done);
    } else {
      decide_with_own_key(*asker.session, *shown, done);
    }
  }

  // Whose key it is says the file of who registered it, as it is now.
  void decide_with_own_key(const sign_in::Session& session, const DecisionBody& shown,
                           const ApprovalDesk::Done& done) const {
    const Result<approval::Statement> statement = claimed_statement(shown.evidence);
    if (!statement || parts_.sign_ins == nullptr) {
      return done(
          fail(!statement ? statement.error() : Error{Code::kForbidden, "nobody signs in here"}));
    }
    parts_.sign_ins->passkeys([&approvals = parts_.approvals, person = session.person, shown, done,
                               kid = statement->key](const auto& registered) {
      if (!registered) {
        return done(fail(registered.error()));
      }
      if (!may_use(person, kid, *registered)) {
        return done(fail(Code::kForbidden, "signed with a key that you did not register here"));
      }
      approvals.decide(shown.evidence, shown.params, done);
    });
  }

  // By who may read the arguments, for the proposal names them.
  void propose(const Asker& asker, std::string_view body, const ApprovalDesk::Done& done) const {
    const Result<json::Parsed> parsed =
        json::parse(body, {.max_bytes = 4 * RuleProposals::kMaxReason + 1024, .max_depth = 1});
    const Result<Uuid> id =
        parsed ? Uuid::parse(json::find_string(parsed->value, {"approval"}).value_or(""))
               : fail(parsed.error());
    const auto reason = parsed ? json::find_string(parsed->value, {"reason"}) : std::nullopt;
    if (!id || parsed->value.as_object().size() != (reason ? 2u : 1u)) {
      done(fail(Code::kInvalidParams,
                "expected {\"approval\": ID}, with \"reason\" (a text) or without"));
      return;
    }
    const Approval* one = parts_.approvals.find(*id);
    if (one == nullptr || !sees(asker, *one)) {
      done(fail(Code::kNotFound, "approval: there is none of this id"));
      return;
    }
    const Result<json::Object> shown = parts_.approvals.show(*id, why_not(asker, *one));
    const auto params = shown ? json::find_string(*shown, {"params"}) : std::nullopt;
    if (!params) {
      const auto why = shown ? json::find_string(*shown, {"arguments_problem"}) : std::nullopt;
      done(fail(Code::kForbidden, "no proposal without the arguments: " +
                                      std::string(why.value_or("they cannot be read"))));
      return;
    }
    parts_.proposals->propose(
        {*one, std::string(*params), asker.session ? asker.session->person.name : std::string(),
         std::string(reason.value_or(""))},
        done);
  }

  // What the statement says is compared here before its signature is looked at: what differs is
  // refused either way.
  Status may_decide(const Asker& asker, const approval::Evidence& shown) const {
    if (!asker.session) {
      return {};
    }
    const Result<approval::Statement> statement = claimed_statement(shown);
    if (!statement) {
      return fail(statement.error());
    }
    const Approval* one = parts_.approvals.find(statement->approval);
    if (one == nullptr || !sees(asker, *one)) {
      return fail(Code::kNotFound, "approval: there is none of this id");
    }
    return may_hand_in(*asker.session, *statement, *one, place_of(*one));
  }

  ApprovalsApiParts parts_;
};

}  // namespace

ApiDesk approvals_api(ApprovalsApiParts parts) {
  return [api = std::make_shared<ApprovalsApi>(std::move(parts))](
             const http::Request& request, const std::shared_ptr<http::ResponseWriter>& writer) {
    api->answer(request, [writer](const Result<json::Object>& result) {
      writer->send(result ? json_answer(200, *result) : problem_answer(result.error()));
    });
  };
}

}  // namespace pawl
