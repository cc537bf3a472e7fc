#include "app/api/session_api.h"

#include "app/api/approval_rights.h"
#include "app/api/http_answer.h"
#include "app/api/shown_credential.h"

namespace pawl {
namespace {

using http::Request;
using http::Response;
using sign_in::Role;
using sign_in::Session;
using Writer = std::shared_ptr<http::ResponseWriter>;

constexpr std::string_view kSession = "/api/v1/session", kSessions = "/api/v1/sessions",
                           kChallenge = "/api/v1/session/challenge",
                           kPasskeys = "/api/v1/session/passkeys", kOidc = "/api/v1/session/oidc",
                           kCallback = "/api/v1/session/oidc/callback";
// A redirect would not carry a Strict cookie: another site began it. So a page of ours goes on.
constexpr std::string_view kGoOn =
    "<!doctype html><meta charset=\"utf-8\"><title>Pawl</title>"
    "<meta http-equiv=\"refresh\" content=\"0;url=/console/\"><p>Signed in.</p>\n";

Response signed_in(const SignIns& sign_ins, const sign_in::Sessions::Opened& opened) {
  Response out = json_answer(200, session_json(opened.session, true));
  out.headers.add("Set-Cookie",
                  sign_ins.guard().set_cookie(kSessionCookie, opened.token, "Strict"));
  return out;
}

void sign_in_here(SignIns& sign_ins, const Request& request, const Writer& writer) {
  if (Status good = sign_ins.guard().check_site(request); !good) {
    return writer->send(problem_answer(good.error()));
  }
  Result<SignIns::Shown> shown = read_shown(request.body);
  if (!shown) {
    return writer->send(problem_answer(shown.error()));
  }
  sign_ins.local(*std::move(shown), [&sign_ins, writer](const auto& opened) {
    writer->send(opened ? signed_in(sign_ins, *opened) : problem_answer(opened.error()));
  });
}

void sign_out(SignIns& sign_ins, const Request& request, const Writer& writer) {
  const Result<const Session*> who = sign_ins.guard().who(request);
  const Status ended = who ? sign_ins.end_session(**who, (*who)->id) : fail(who.error());
  Response out = ended ? json_answer(200, json::Object{{"result", "signed out"}})
                       : problem_answer(ended.error());
  if (ended) {
    out.headers.add("Set-Cookie", sign_ins.guard().set_cookie(kSessionCookie, "", "Strict"));
  }
  writer->send(std::move(out));
}

json::Array passkeys_of(const Session& session, const std::vector<AccountPasskey>& all) {
  json::Array out;
  for (const AccountPasskey& one : all) {
    if (one.is_of(session.person)) {
      out.push_back(json::Object{{"credential", one.passkey.credential},
                                 {"kid", one.passkey.key.thumbprint()}});
    }
  }
  return out;
}

// Several people may have the operator's name: of the enrolled keys, those with which this one may
// decide here.
void leave_own_keys(const Session& session, const std::vector<AccountPasskey>& all,
                    json::Object& shown) {
  const auto found = shown.find("operator");
  if (found == shown.end()) {
    return;
  }
  json::Array& keys = found->value().as_object()["keys"].as_array();
  json::Array own;
  for (const json::Value& key : keys) {
    if (may_use(session.person, std::string(json::find_string(key, {"kid"}).value_or("")), all)) {
      own.push_back(key);
    }
  }
  keys = std::move(own);
  if (keys.empty()) {
    shown.erase(found);
  }
}

void who_am_i(SignIns& sign_ins, const EnrolledPeople& enrolled, const Request& request,
              const Writer& writer) {
  const Result<const Session*> who = sign_ins.guard().who(request);
  if (!who) {
    return writer->send(problem_answer(who.error()));
  }
  json::Object shown = session_json(**who, true);
  for (const auto& [member, value] : enrolled.as((*who)->person.name)) {
    shown[member] = value;
  }
  sign_ins.passkeys([writer, shown = std::move(shown), session = **who](const auto& all) mutable {
    if (!all) {
      return writer->send(problem_answer(all.error()));
    }
    shown["passkeys"] = passkeys_of(session, *all);
    leave_own_keys(session, *all, shown);
    writer->send(json_answer(200, shown));
  });
}

void challenge(SignIns& sign_ins, const Request& request, const Writer& writer) {
  if (Status good = sign_ins.guard().check_site(request); !good) {
    return writer->send(problem_answer(good.error()));
  }
  writer->send(json_answer(200, json::Object{{"challenge", digest_text(sign_ins.make_challenge())},
                                             {"rp", sign_ins.guard().party().id}}));
}

// A registration proves nothing of the key: one that somebody decides with is theirs already.
void add_passkey(SignIns& sign_ins, const EnrolledPeople& enrolled, const Request& request,
                 const Writer& writer) {
  const Result<const Session*> who = sign_ins.guard().who(request);
  Result<ShownPasskey> shown = who ? read_registration(request.body) : fail(who.error());
  if (shown && !sign_ins.take_challenge(shown->challenge)) {
    shown = fail(Code::kTokenInvalid, "the challenge was not made here, is used up or too old");
  }
  Result<sign_in::Passkey> passkey =
      shown ? sign_in::verify_registration(shown->registration, shown->challenge,
                                           sign_ins.guard().party())
            : fail(shown.error());
  if (passkey && enrolled.has(passkey->key.thumbprint())) {
    passkey = fail(Code::kConflict, "this key is an operator's already");
  }
  if (!passkey) {
    return writer->send(problem_answer(passkey.error()));
  }
  sign_ins.add_passkey(
      **who, *passkey, [writer, credential = passkey->credential](const Status& added) {
        writer->send(added ? json_answer(200, json::Object{{"credential", credential}})
                           : problem_answer(added.error()));
      });
}

void remove_passkey(SignIns& sign_ins, const EnrolledPeople& enrolled, const Request& request,
                    const Writer& writer) {
  const Result<const Session*> who = sign_ins.guard().who(request);
  const std::string kid = request.path.substr(kPasskeys.size() + 1);
  Status may = who ? Status() : fail(who.error());
  if (may && enrolled.has(kid)) {
    may = fail(Code::kConflict,
               "an operator decides with it: an admin removes it first (pawl "
               "operators remove NAME --kid " +
                   kid + ")");
  }
  if (!may) {
    return writer->send(problem_answer(may.error()));
  }
  sign_ins.remove_passkey(**who, kid, [writer](const Status& removed) {
    writer->send(removed ? json_answer(200, json::Object{{"result", "removed"}})
                         : problem_answer(removed.error()));
  });
}

void begin_oidc(SignIns& sign_ins, const Request& request, const Writer& writer) {
  const Status good = sign_ins.guard().check_host(request);
  const Result<SignIns::Begun> begun = good ? sign_ins.begin_oidc() : fail(good.error());
  if (!begun) {
    return writer->send(problem_answer(begun.error()));
  }
  Response out = text_answer(302, "text/plain", "");
  out.headers.set("Location", begun->url);
  // Lax: the provider sends the browser back.
  out.headers.add("Set-Cookie", sign_ins.guard().set_cookie(kLoginCookie, begun->binding, "Lax"));
  writer->send(std::move(out));
}

void finish_oidc(SignIns& sign_ins, const Request& request, const Writer& writer) {
  const Status good = sign_ins.guard().check_host(request);
  const Result<sign_in::Fields> fields =
      good ? sign_in::parse_fields(request.query) : fail(good.error());
  if (!fields) {
    return writer->send(problem_answer(fields.error()));
  }
  sign_ins.finish_oidc(
      *fields, sign_ins.guard().cookie(request, kLoginCookie),
      [&sign_ins, writer](const Result<sign_in::Sessions::Opened>& opened) {
        Response out = opened ? text_answer(200, "text/html; charset=utf-8", std::string(kGoOn))
                              : problem_answer(opened.error());
        const SessionGuard& guard = sign_ins.guard();
        out.headers.add("Set-Cookie", guard.set_cookie(kLoginCookie, "", "Lax"));
        out.headers.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
        out.headers.set("Referrer-Policy", "no-referrer");
        if (opened) {
          out.headers.add("Set-Cookie", guard.set_cookie(kSessionCookie, opened->token, "Strict"));
        }
        writer->send(std::move(out));
      });
}

void of_session(SignIns& sign_ins, const EnrolledPeople& enrolled, const Request& request,
                const Writer& writer) {
  if (request.method == "POST" && request.path == kPasskeys) {
    return add_passkey(sign_ins, enrolled, request, writer);
  }
  if (request.method == "DELETE" && request.path.starts_with(std::string(kPasskeys) + "/")) {
    return remove_passkey(sign_ins, enrolled, request, writer);
  }
  const struct {
    std::string_view method, path;
    void (*act)(SignIns&, const Request&, const Writer&);
  } resources[] = {
      {"POST", kSession, &sign_in_here}, {"DELETE", kSession, &sign_out},
      {"POST", kChallenge, &challenge},  {"GET", kOidc, &begin_oidc},
      {"GET", kCallback, &finish_oidc},
  };
  for (const auto& one : resources) {
    if (one.method == request.method && one.path == request.path) {
      return one.act(sign_ins, request, writer);
    }
  }
  writer->send(problem_answer({Code::kNotFound, "no such resource of the API"}));
}

// All of them, and the end of one: of admins.
Result<json::Object> act_on_sessions(SignIns& sign_ins, const Request& request) {
  const Result<const Session*> who = sign_ins.guard().may(request, Role::kAdmin, {});
  if (!who) {
    return fail(who.error());
  }
  if (request.method == "GET" && request.path == kSessions) {
    json::Array list;
    for (const Session& session : sign_ins.open_sessions()) {
      list.emplace_back(session_json(session, false));
    }
    json::Object out;
    out["sessions"] = std::move(list);
    return out;
  }
  const std::string_view rest = std::string_view(request.path).substr(kSessions.size());
  const Result<Uuid> id =
      rest.starts_with('/') ? Uuid::parse(rest.substr(1)) : fail(Code::kMalformed, "no id");
  if (request.method != "DELETE" || !id) {
    return fail(Code::kNotFound, "no such resource of the API");
  }
  const Status ended = sign_ins.end_session(Session(**who), *id);
  return ended ? Result<json::Object>(json::Object{{"result", "ended"}}) : fail(ended.error());
}

}  // namespace

std::map<std::string, ApiDesk> session_desks(SignIns* sign_ins, EnrolledPeople enrolled) {
  if (sign_ins == nullptr) {
    return {};
  }
  const auto desk = [sign_ins, enrolled = std::move(enrolled)](const Request& request,
                                                               const Writer& writer) {
    if (request.method == "GET" && request.path == kSession) {
      return who_am_i(*sign_ins, enrolled, request, writer);
    }
    if (!request.path.starts_with(kSessions)) {
      return of_session(*sign_ins, enrolled, request, writer);
    }
    const Result<json::Object> done = act_on_sessions(*sign_ins, request);
    writer->send(done ? json_answer(200, *done) : problem_answer(done.error()));
  };
  return {{std::string(kSession), desk}};
}

}  // namespace pawl
