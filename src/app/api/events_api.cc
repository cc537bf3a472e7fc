#include "app/api/events_api.h"

#include <algorithm>
#include <utility>

#include "app/api/asker.h"
#include "app/api/http_answer.h"

namespace pawl {
namespace {

using sign_in::Session;

// A look at the list does not count as use: a page that is only open does not keep its session.
bool is_open(SignIns& sign_ins, const Uuid& session) {
  const std::vector<Session> open = sign_ins.open_sessions();
  return std::any_of(open.begin(), open.end(),
                     [&](const Session& one) { return one.id == session; });
}

Result<EventHub::Reader> reader_of(const http::Request& request, const std::string& token,
                                   SignIns* sign_ins) {
  const Result<Asker> asker =
      Door(token, sign_ins != nullptr ? &sign_ins->guard() : nullptr).who(request);
  if (!asker) {
    return fail(asker.error());
  }
  EventHub::Reader out;
  if (!asker->session) {
    out.sees = [](const EventSubject&) { return true; };
    out.may_stay = [] { return true; };
    return out;
  }
  out.sees = [viewer = Viewer(asker->session->person.grants)](const EventSubject& subject) {
    return may_see(viewer, subject);
  };
  out.may_stay = [sign_ins, id = asker->session->id] { return is_open(*sign_ins, id); };
  return out;
}

}  // namespace

bool may_see(const Viewer& viewer, const EventSubject& subject) {
  const Result<override_::Scope> scope =
      subject.scope.empty() ? fail(Code::kNotFound, "") : override_::parse_scope(subject.scope);
  return (scope && viewer.sees(*scope)) ||
         viewer.sees_any(subject.agent, subject.server, subject.name, "");
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
