#include "app/api/events_api.h"

#include <algorithm>
#include <utility>

#include "app/api/http_answer.h"

namespace pawl {
namespace {

using override_::Scope;
using override_::ScopeKind;
using sign_in::Role;
using sign_in::Session;

// A look at the list does not count as use: a page that is only open does not keep its session.
bool is_open(SignIns& sign_ins, const Uuid& session) {
  const std::vector<Session> open = sign_ins.open_sessions();
  return std::any_of(open.begin(), open.end(),
                     [&](const Session& one) { return one.id == session; });
}

Result<EventHub::Reader> reader_of(const http::Request& request, const std::string& token,
                                   SignIns* sign_ins) {
  EventHub::Reader out;
  if (!from_browser_page(request) && has_token(request, token)) {
    out.sees = [](const EventSubject&) { return true; };
    out.may_stay = [] { return true; };
    return out;
  }
  if (sign_ins == nullptr || request.headers.has("Authorization")) {
    return fail(Code::kUnauthenticated, "the control token is missing or wrong");
  }
  const Result<const Session*> session = sign_ins->guard().who(request);
  if (!session) {
    return fail(session.error());
  }
  out.sees = [grants = (*session)->person.grants](const EventSubject& subject) {
    return may_see(grants, subject);
  };
  out.may_stay = [sign_ins, id = (*session)->id] { return is_open(*sign_ins, id); };
  return out;
}

}  // namespace

bool may_see(std::span<const sign_in::Grant> grants, const EventSubject& subject) {
  const auto may = [&](ScopeKind kind, std::string value) {
    return sign_in::may(grants, Role::kViewer, Scope{kind, std::move(value)});
  };
  const Result<Scope> scope =
      subject.scope.empty() ? fail(Code::kNotFound, "") : override_::parse_scope(subject.scope);
  return may(ScopeKind::kAll, "") || (scope && may(scope->kind, scope->value)) ||
         (!subject.agent.empty() && may(ScopeKind::kAgent, subject.agent)) ||
         (!subject.server.empty() && may(ScopeKind::kServer, subject.server)) ||
         (!subject.server.empty() && !subject.name.empty() &&
          may(ScopeKind::kTool, subject.server + "/" + subject.name));
}

ApiDesk events_api(EventHub& hub, std::string token, SignIns* sign_ins) {
  return [&hub, token = std::move(token), sign_ins](
             const http::Request& request, const std::shared_ptr<http::ResponseWriter>& writer) {
    Result<EventHub::Reader> reader = request.method == "GET" && request.path == "/api/v1/events"
                                          ? reader_of(request, token, sign_ins)
                                          : fail(Code::kNotFound, "no such resource of the API");
    Status added = reader ? Status() : Status(fail(reader.error()));
    if (reader) {
      reader->writer = writer;
      added = hub.add(*std::move(reader), request.headers.get("Last-Event-ID").value_or(""));
    }
    if (!added) {
      writer->send(problem_answer(added.error()));
    }
  };
}

}  // namespace pawl
