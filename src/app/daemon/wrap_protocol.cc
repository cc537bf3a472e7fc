#include "app/daemon/wrap_protocol.h"

#include "app/config/config_values.h"
#include "base/json.h"

namespace pawl {
namespace {

constexpr std::size_t kPairBytes = 43;

}  // namespace

std::string print_hello(const WrapHello& hello) {
  json::Object out{{"pawl_wrap", 1},
                   {"role", hello.role == WrapRole::kClient ? "client" : "server"},
                   {"pair", hello.pair},
                   {"name", hello.name},
                   {"agent", hello.agent}};
  return json::print(out);
}

Result<WrapHello> parse_hello(std::string_view line) {
  const Result<json::Parsed> parsed = json::parse(line, {.max_bytes = 4096, .max_depth = 2});
  if (!parsed) {
    return fail_at("wrap hello", parsed.error());
  }
  const json::Value* version = json::find(parsed->value, {"pawl_wrap"});
  const auto role = json::find_string(parsed->value, {"role"});
  const auto pair = json::find_string(parsed->value, {"pair"});
  const auto name = json::find_string(parsed->value, {"name"});
  if (version == nullptr || !version->is_int64() || version->get_int64() != 1) {
    return fail(Code::kUnsupportedVersion, "wrap hello: expected pawl_wrap 1");
  }
  if ((role != "client" && role != "server") || !pair || pair->size() != kPairBytes || !name ||
      !is_server_name(std::string(*name))) {
    return fail(Code::kInvalidRequest, "wrap hello: expected role, pair and a server's name");
  }
  return WrapHello{role == "client" ? WrapRole::kClient : WrapRole::kServer, std::string(*pair),
                   std::string(*name),
                   std::string(json::find_string(parsed->value, {"agent"}).value_or(""))};
}

std::string print_hello_answer(const Status& status) {
  json::Object out{{"ok", status.has_value()}};
  if (!status) {
    out["error"] = status.error().message;
  }
  return json::print(out);
}

Status parse_hello_answer(std::string_view line) {
  const Result<json::Parsed> parsed = json::parse(line, {.max_bytes = 64 * 1024, .max_depth = 2});
  const json::Value* ok = parsed ? json::find(parsed->value, {"ok"}) : nullptr;
  if (ok == nullptr || !ok->is_bool()) {
    return fail(Code::kMalformed, "the daemon's answer to the hello is not one");
  }
  if (!ok->get_bool()) {
    return fail(Code::kForbidden,
                std::string(json::find_string(parsed->value, {"error"}).value_or("refused")));
  }
  return {};
}

}  // namespace pawl
