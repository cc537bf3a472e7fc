#include "app/commands/shown_log.h"

#include <cstdio>

#include "app/commands/shown_text.h"
#include "base/json.h"

namespace pawl {
namespace {

constexpr std::size_t kLevelWidth = 5;

std::string text(const json::Value& at, std::string_view name) {
  return shown_text(json::find_string(at, {name}).value_or(""));
}

// The fields that are of the event itself.
std::string fields_of(const json::Value& line) {
  std::string out;
  for (const auto& [name, value] : line.get_object()) {
    if (name == "time" || name == "level" || name == "event") {
      continue;
    }
    out += (out.empty() ? ": " : ", ") + shown_text(name) + " " +
           shown_text(value.is_string() ? std::string_view(value.get_string())
                                        : std::string_view(json::print(value)));
  }
  return out;
}

}  // namespace

std::string shown_log_line(std::string_view line) {
  const Result<json::Parsed> parsed = json::parse(line);
  if (!parsed || !parsed->value.is_object()) {
    return shown_text(line);
  }
  const json::Value& value = parsed->value;
  if (json::find_string(value, {"event"}) == "single_user_limit") {
    return "           " + text(value, "number") + ". " + text(value, "can");
  }
  const std::string time = text(value, "time");
  std::string level = text(value, "level");
  level.resize(std::max(level.size(), kLevelWidth), ' ');
  return (time.size() > 19 ? time.substr(11, 8) : time) + " " + level + " " + text(value, "event") +
         fields_of(value);
}

std::string ready_text(Files& files, const DataFolder& folder) {
  const Result<std::string> published = read_file(files, folder.addresses(), 4096);
  const Result<json::Parsed> addresses =
      published ? json::parse(*published) : Result<json::Parsed>(fail(published.error()));
  const auto at = [&](const char* name) {
    return addresses ? text(addresses->value, name) : std::string("(see addresses.json)");
  };
  return "\nPawl is ready\n"
         "  agents    " +
         at("data") + "/mcp/NAME for one server, " + at("data") +
         "/mcp for all\n"
         "  people    " +
         at("control") + " (control), " + at("override") +
         " (stop and resume)\n"
         "  data      " +
         shown_text(folder.root) +
         "\n"
         "  look      pawl status, in another terminal\n"
         "  end       Ctrl-C\n";
}

std::function<void(LogLevel, std::string_view)> terminal_log(Files& files, DataFolder folder) {
  return [&files, folder = std::move(folder)](LogLevel, std::string_view line) {
    const Result<json::Parsed> parsed = json::parse(line);
    const bool ready = parsed && json::find_string(parsed->value, {"event"}) == "ready";
    const std::string out = ready ? ready_text(files, folder) : shown_log_line(line) + "\n";
    std::fwrite(out.data(), 1, out.size(), stderr);
  };
}

}  // namespace pawl
