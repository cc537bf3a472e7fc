#include "app/commands/local_http.h"

#include <optional>

#include "base/os/file_mode.h"

namespace pawl {
namespace {

constexpr std::size_t kMaxAnswer = 16u << 20;
constexpr std::chrono::seconds kPatience{15};

// There may be one, of another user: its addresses and its token are its own.
Error not_permitted(const DataFolder& folder, const Error& why) {
  return {Code::kUpstreamUnavailable,
          std::string(kNotPermitted) + why.message + "; " + as_its_user(folder)};
}

Result<std::string> base_url(Files& files, const DataFolder& folder, DaemonListener listener) {
  const std::string name = listener == DaemonListener::kControl ? "control" : "override";
  const Result<std::string> text = read_file(files, folder.addresses());
  if (!text && text.error().code == Code::kIo) {
    return fail(not_permitted(folder, text.error()));
  }
  if (!text) {
    return fail(Code::kUpstreamUnavailable,
                "no daemon runs on " + folder.root + " (no " + folder.addresses() + ")");
  }
  const Result<json::Parsed> parsed = json::parse(*text);
  const auto url = parsed ? json::find_string(parsed->value, {name}) : std::nullopt;
  if (!url) {
    return fail(Code::kMalformed, folder.addresses() + ": expected the member " + name);
  }
  return std::string(*url);
}

Result<json::Value> read_answer(const http::Response& response) {
  const Result<json::Parsed> parsed = json::parse(response.body);
  if (!parsed) {
    return fail(Code::kUpstreamFailed,
                "the daemon answered HTTP " + std::to_string(response.status) + " without JSON");
  }
  if (response.status >= 200 && response.status < 300) {
    return parsed->value;
  }
  const std::string_view detail =
      json::find_string(parsed->value, {"detail"}).value_or("the daemon refused");
  return fail(response.status == 404   ? Code::kNotFound
              : response.status == 403 ? Code::kForbidden
              : response.status == 401 ? Code::kUnauthenticated
                                       : Code::kConflict,
              std::string(detail));
}

}  // namespace

std::string as_its_user(const DataFolder& folder) {
  const std::string user = other_owner(folder.root);
  return "run the command as the user whose folder it is: sudo -u " +
         (user.empty() ? "USER" : "'" + user + "'") + " pawl ...";
}

Result<http::ClientRequest> daemon_request(Files& files, const DataFolder& folder,
                                           DaemonListener listener, const std::string& path,
                                           const std::string& body) {
  const Result<std::string> url = base_url(files, folder, listener);
  if (!url) {
    return fail(url.error());
  }
  const Result<std::string> token =
      read_file(files, listener == DaemonListener::kControl ? folder.control_token()
                                                            : folder.override_token());
  http::ClientRequest request;
  request.url = *url + path;
  request.method = body.empty() ? "GET" : "POST";
  request.body = body;
  request.timeouts.total = kPatience;
  if (token) {
    request.headers.set("Authorization", "Bearer " + *token);
  }
  return request;
}

Result<json::Value> ask_daemon(Files& files, const DataFolder& folder, DaemonListener listener,
                               const std::string& path, const std::string& body) {
  Result<http::ClientRequest> request = daemon_request(files, folder, listener, path, body);
  if (!request) {
    return fail(request.error());
  }
  EventLoop loop;
  http::ClientPool pool(loop, {});
  std::optional<Result<http::Response>> answer;
  pool.fetch(
      *std::move(request),
      [&](Result<http::Response> response) {
        answer = std::move(response);
        loop.stop();
      },
      kMaxAnswer);
  loop.run();
  if (!*answer) {
    return fail(answer->error().code, "the daemon of " + folder.root + " does not answer (" +
                                          answer->error().message + ")");
  }
  return read_answer(**answer);
}

}  // namespace pawl
