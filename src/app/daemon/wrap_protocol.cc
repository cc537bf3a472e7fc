#include "app/daemon/wrap_protocol.h"

#include <algorithm>
#include <initializer_list>

#include "app/config/config_values.h"
#include "base/json.h"
#include "foundation/crypto/bounded_name.h"

namespace pawl {
namespace {

constexpr std::size_t kPairBytes = 43;
constexpr std::size_t kDigestText = 43;
constexpr std::int64_t kMostArguments = 1'000'000;
constexpr std::int64_t kMostStatus = 255;

std::string_view role_name(WrapRole role) {
  return role == WrapRole::kClient ? "client" : role == WrapRole::kServer ? "server" : "ended";
}

std::optional<WrapRole> parse_role(std::string_view name) {
  for (const WrapRole role : {WrapRole::kClient, WrapRole::kServer, WrapRole::kEnded}) {
    if (role_name(role) == name) {
      return role;
    }
  }
  return std::nullopt;
}

std::string text_at(const json::Value& value, std::initializer_list<std::string_view> path) {
  return std::string(json::find_string(value, path).value_or(""));
}

std::int64_t number_at(const json::Value& value, std::initializer_list<std::string_view> path) {
  const json::Value* found = json::find(value, path);
  return found != nullptr && found->is_int64() ? found->get_int64() : -1;
}

// What the shim says of itself is its word: what does not fit is left out.
std::optional<CommandFacts> command_of(const json::Value& hello) {
  const std::int64_t arguments = number_at(hello, {"command", "arguments"});
  CommandFacts out{text_at(hello, {"command", "program"}), static_cast<std::size_t>(arguments),
                   text_at(hello, {"command", "argv_hash"})};
  const bool fits = arguments >= 0 && arguments <= kMostArguments && !out.program.empty() &&
                    out.hash.size() == kDigestText;
  return fits ? std::optional(std::move(out)) : std::nullopt;
}

// The table's own copy; empty: it is not there.
std::string_view one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  const auto* const found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? std::string_view() : *found;
}

// What it says becomes a record, which must have the form of its page.
std::optional<ProcessEnd> end_of(const json::Value& hello) {
  const std::string_view end =
      one_of(text_at(hello, {"end", "end"}), {"exited", "signaled", "not_run"});
  const std::string_view why =
      one_of(text_at(hello, {"end", "why"}), {"itself", "asked", "killed"});
  const std::int64_t number = number_at(hello, {"end", "number"});
  std::string detail = text_at(hello, {"end", "detail"});
  const bool is_seen = end == "not_run" ? !detail.empty() : !end.empty() && !why.empty();
  if (!is_seen || number < (end == "signaled" ? 1 : 0) || number > kMostStatus) {
    return std::nullopt;
  }
  return ProcessEnd{end, why, static_cast<int>(number), std::move(detail)};
}

}  // namespace

std::string print_hello(const WrapHello& hello) {
  json::Object out{{"pawl_wrap", 1},
                   {"role", std::string(role_name(hello.role))},
                   {"pair", hello.pair},
                   {"name", hello.name},
                   {"agent", hello.agent}};
  if (hello.command) {
    out["command"] = json::Object{{"program", bounded_name(hello.command->program)},
                                  {"arguments", hello.command->arguments},
                                  {"argv_hash", hello.command->hash}};
  }
  if (hello.end) {
    json::Object end{{"end", std::string(hello.end->end)}, {"number", hello.end->number}};
    if (!hello.end->why.empty()) {
      end["why"] = std::string(hello.end->why);
    }
    if (!hello.end->detail.empty()) {
      end["detail"] = bounded_name(hello.end->detail);
    }
    out["end"] = std::move(end);
  }
  return json::print(out);
}

Result<WrapHello> parse_hello(std::string_view line) {
  const Result<json::Parsed> parsed = json::parse(line, {.max_bytes = 4096, .max_depth = 2});
  if (!parsed) {
    return fail_at("wrap hello", parsed.error());
  }
  const json::Value* version = json::find(parsed->value, {"pawl_wrap"});
  const std::optional<WrapRole> role = parse_role(text_at(parsed->value, {"role"}));
  const std::string pair = text_at(parsed->value, {"pair"});
  const std::string name = text_at(parsed->value, {"name"});
  if (version == nullptr || !version->is_int64() || version->get_int64() != 1) {
    return fail(Code::kUnsupportedVersion, "wrap hello: expected pawl_wrap 1");
  }
  if (!role || pair.size() != kPairBytes || !is_server_name(name)) {
    return fail(Code::kInvalidRequest, "wrap hello: expected role, pair and a server's name");
  }
  return WrapHello{*role,
                   pair,
                   name,
                   text_at(parsed->value, {"agent"}),
                   command_of(parsed->value),
                   end_of(parsed->value)};
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
