#include "app/api/override_api.h"

#include <map>
#include <thread>

#include "app/api/http_answer.h"
#include "app/api/noted_writer.h"

namespace pawl {
namespace {

using http::Request;
using http::ResponseWriter;
using Writer = std::shared_ptr<ResponseWriter>;

constexpr std::size_t kMaxReasonBytes = 512;

json::Value stops_json(const std::vector<override_::Stop>& stops) {
  json::Array out;
  for (const override_::Stop& stop : stops) {
    out.emplace_back(override_::print_stop(stop));
  }
  return json::Object{{"stops", std::move(out)}};
}

json::Array revocations_json(const std::vector<override_::Revocation>& revocations) {
  json::Array out;
  for (const override_::Revocation& revocation : revocations) {
    out.emplace_back(override_::print_revocation(revocation));
  }
  return out;
}

json::Value revoked_json(const RevocationReceipt& receipt, const std::string& doubt) {
  json::Object out{{"result", "APPLIED"}, {"durable", receipt.journaled}};
  out["revocation"] = override_::print_revocation(receipt.revocation);
  if (!receipt.problem.empty()) {
    out["problem"] = receipt.problem;
  }
  if (!doubt.empty()) {
    out["doubt"] = doubt;
  }
  return out;
}

json::Value receipt_json(const StopReceipt& receipt, const std::string& doubt) {
  json::Object out{{"result", "APPLIED"}, {"durable", receipt.journaled}};
  out["stop"] = override_::print_stop(receipt.stop);
  if (!receipt.problem.empty()) {
    out["problem"] = receipt.problem;
  }
  if (!doubt.empty()) {
    out["doubt"] = doubt;
  }
  return out;
}

}  // namespace

struct OverrideListener::Impl {
  std::string token;
  std::unique_ptr<StopDesk> desk;
  ScopeDoubt doubt;
  EventLoop loop;
  std::unique_ptr<http::Server> server;
  std::map<std::uint64_t, Writer> waiting;  // for a record
  std::uint64_t next_waiting = 0;
  std::thread thread;

  void handle(const Request& request, const Writer& writer) {
    if (from_browser_page(request)) {
      writer->send(problem_answer(
          {Code::kForbidden,
           "web pages may not use this listener, nor may another Host than this machine"}));
    } else if (request.method == "POST" && request.path == "/override/v1/stop") {
      stop(request, writer);
    } else if (request.method == "POST" && request.path == "/override/v1/resume") {
      resume(request, writer);
    } else if (request.method == "POST" && request.path == "/override/v1/resolve") {
      resolve(request, writer);
    } else if (request.method == "POST" && request.path == "/override/v1/compromised") {
      compromised(request, writer);
    } else if (request.method == "POST" && request.path == "/override/v1/revoke") {
      revoke(request, writer);
    } else if (request.method == "POST" && request.path == "/override/v1/restore") {
      restore(request, writer);
    } else if (request.method == "GET" && (request.path == "/override/v1/stops" ||
                                           request.path == "/override/v1/revocations")) {
      in_force(request, writer);
    } else {
      writer->send(problem_answer({Code::kNotFound, "no such resource on the override listener"}));
    }
  }

  void in_force(const Request& request, const Writer& writer) {
    if (!has_token(request, token)) {
      writer->send(problem_answer({Code::kUnauthenticated, "the local token is missing"}));
    } else if (request.path == "/override/v1/stops") {
      writer->send(json_answer(200, stops_json(desk->in_force().all())));
    } else {
      json::Object out;
      out["revocations"] = revocations_json(desk->revocations().in_force().all());
      writer->send(json_answer(200, out));
    }
  }

  void stop(const Request& request, const Writer& writer) {
    const Result<json::Parsed> body = json::parse(request.body);
    if (!body) {
      writer->send(problem_answer(body.error()));
      return;
    }
    Result<StopReceipt> receipt = fail(Code::kInvalidParams, "");
    if (const auto statement = json::find_string(body->value, {"statement"})) {
      receipt = desk->stop_signed(std::string(*statement));
    } else {
      receipt = stop_local(request, body->value);
    }
    writer->send(receipt ? json_answer(200, receipt_json(*receipt, doubt(receipt->stop.scope)))
                         : problem_answer(receipt.error()));
  }

  Result<StopReceipt> stop_local(const Request& request, const json::Value& body) {
    if (!has_token(request, token)) {
      return fail(Code::kUnauthenticated, "expected a signed statement or the local token");
    }
    const auto scope_text = json::find_string(body, {"scope"});
    if (!scope_text) {
      return fail(Code::kInvalidParams, "expected {\"scope\": ..., \"reason\": ...}");
    }
    Result<override_::Scope> scope = override_::parse_scope(*scope_text);
    if (!scope) {
      return fail(scope.error());
    }
    const std::string_view reason = json::find_string(body, {"reason"}).value_or("");
    if (reason.size() > kMaxReasonBytes) {
      return fail(Code::kTooLarge, "reason: at most 512 bytes");
    }
    return desk->stop(*scope, std::string(reason), "local token");
  }

  // nullopt: it has none, and was told so.
  std::optional<std::string> statement_of(const Request& request, const Writer& writer) {
    const Result<json::Parsed> body = json::parse(request.body);
    const auto statement =
        body ? json::find_string(body->value, {"statement"}) : std::optional<std::string_view>{};
    if (!statement) {
      writer->send(problem_answer({Code::kInvalidParams, "expected {\"statement\": TOKEN}"}));
      return std::nullopt;
    }
    return std::string(*statement);
  }

  // For what is answered later: records are written on another thread, and no part of a connection
  // may be there, nor end there. So the answer takes a number with it, and the writer stays.
  template <class Answer>
  auto later(const Writer& writer, Answer answer) {
    const std::uint64_t number = next_waiting++;
    waiting.emplace(number, writer);
    return [this, number, answer](const auto& result) {
      if (auto found = waiting.extract(number)) {
        found.mapped()->send(result ? json_answer(200, answer(*result))
                                    : problem_answer(result.error()));
      }
    };
  }
  auto back() {
    return [this](std::function<void()> task) { loop.post(std::move(task)); };
  }

  void resolve(const Request& request, const Writer& writer) {
    if (const auto statement = statement_of(request, writer)) {
      desk->resolve(*statement, back(), later(writer, [](const Uuid& record) {
        return json::Object{{"result", "RECORDED"}, {"record", record.text()}};
      }));
    }
  }

  void compromised(const Request& request, const Writer& writer) {
    if (const auto statement = statement_of(request, writer)) {
      desk->compromised(*statement, back(),
                        later(writer, [](const json::Object& keys) { return keys; }));
    }
  }

  void revoke(const Request& request, const Writer& writer) {
    if (const auto statement = statement_of(request, writer)) {
      const Result<RevocationReceipt> receipt = desk->revocations().revoke(*statement, back());
      if (!receipt) {
        writer->send(problem_answer(receipt.error()));
        return;
      }
      const Result<override_::Scope> named = override_::parse_scope(receipt->revocation.target);
      writer->send(json_answer(200, revoked_json(*receipt, named ? doubt(*named) : "")));
    }
  }

  void restore(const Request& request, const Writer& writer) {
    if (const auto statement = statement_of(request, writer)) {
      desk->revocations().lift(*statement, back(),
                               later(writer, [](const std::vector<override_::Revocation>& lifted) {
                                 json::Object out{{"result", "APPLIED"}};
                                 out["lifted"] = revocations_json(lifted);
                                 return out;
                               }));
    }
  }

  void resume(const Request& request, const Writer& writer) {
    if (const auto statement = statement_of(request, writer)) {
      desk->resume(*statement, back(),
                   later(writer, [](const std::vector<override_::Stop>& lifted) {
                     json::Object out{{"result", "APPLIED"}};
                     out["lifted"] = stops_json(lifted).get_object()["stops"];
                     return out;
                   }));
    }
  }
};

Result<std::unique_ptr<OverrideListener>> OverrideListener::start(const std::string& address,
                                                                  std::string token,
                                                                  std::unique_ptr<StopDesk> desk,
                                                                  ScopeDoubt doubt,
                                                                  OverrideAnswered answered) {
  auto impl = std::make_unique<Impl>();
  impl->token = std::move(token);
  impl->desk = std::move(desk);
  impl->doubt = std::move(doubt);
  http::ServerOptions options;
  options.address = address;
  options.max_body_bytes = 64 * 1024;
  options.max_connections = 64;
  options.descriptors = DescriptorUse::kOverride;
  Impl* self = impl.get();
  Result<std::unique_ptr<http::Server>> server = http::Server::listen(
      impl->loop, options,
      [self, answered = std::move(answered)](const Request& request, const Writer& writer) {
        self->handle(request,
                     noted_writer(writer, [answered, method = request.method,
                                           path = request.path](const http::Response& given) {
                       answered(method, path, given);
                     }));
      });
  if (!server) {
    return fail(server.error());
  }
  impl->server = *std::move(server);
  impl->thread = std::thread([self] { self->loop.run(); });
  return std::unique_ptr<OverrideListener>(new OverrideListener(std::move(impl)));
}

OverrideListener::OverrideListener(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

OverrideListener::~OverrideListener() {
  impl_->loop.stop();
  impl_->thread.join();
}

std::uint16_t OverrideListener::port() const {
  return impl_->server->port();
}

}  // namespace pawl
