#include "app/api/witness_api.h"

#include "app/api/http_answer.h"
#include "base/log.h"

namespace pawl {
namespace {

constexpr std::string_view kText = "text/plain; charset=utf-8";
constexpr std::string_view kCheckpoint = "/checkpoint";

http::Response only(std::string_view method) {
  http::Response response = text_answer(405, kText, "expected " + std::string(method) + "\n");
  response.headers.set("Allow", method);
  return response;
}

std::string first_line(const witness::Decision& decision) {
  return decision.body.substr(0, decision.body.find('\n'));
}

}  // namespace

void WitnessApi::handle(const http::Request& request,
                        const std::shared_ptr<http::ResponseWriter>& writer) {
  writer->send(answer(request));
}

http::Response WitnessApi::answer(const http::Request& request) {
  if (request.path == "/add-checkpoint") {
    return request.method == "POST" ? add_checkpoint(request) : only("POST");
  }
  if (request.path.ends_with(kCheckpoint)) {
    if (request.method != "GET" && request.method != "HEAD") {
      return only("GET");
    }
    const std::string_view path = request.path;
    const Result<std::string> found =
        desk_.checkpoint(path.substr(1, path.size() - 1 - kCheckpoint.size()));
    return found ? text_answer(200, kText, *found)
                 : text_answer(404, kText, found.error().message + "\n");
  }
  return text_answer(404, kText, "expected /add-checkpoint or /HASH/checkpoint\n");
}

http::Response WitnessApi::add_checkpoint(const http::Request& request) {
  const witness::WitnessDesk::Answer answer =
      desk_.add_checkpoint(request.body, clock_.wall().seconds());
  const witness::Decision& decision = answer.decision;
  if (decision.status == 200) {
    log(LogLevel::kInfo, "cosigned",
        {{"log", answer.origin}, {"size", std::to_string(answer.size)}});
  } else if (decision.status == 503) {
    log(LogLevel::kError, "state_not_kept",
        {{"log", answer.origin}, {"why", first_line(decision)}});
  } else if (decision.contradicts) {
    // The text that was sent is the evidence: nobody but the log can have signed it.
    log(LogLevel::kError, "log_contradicts_itself",
        {{"log", answer.origin},
         {"size", std::to_string(answer.size)},
         {"evidence", answer.evidence},
         {"sent", request.body}});
  } else {
    log(LogLevel::kWarn, "not_cosigned",
        {{"log", answer.origin},
         {"size", std::to_string(answer.size)},
         {"status", std::to_string(decision.status)},
         {"why", first_line(decision)}});
  }
  return text_answer(decision.status, decision.content_type, decision.body);
}

}  // namespace pawl
