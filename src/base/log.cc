#include "base/log.h"

#include <cstdio>

#include "base/clock.h"
#include "base/json.h"

namespace pawl {
namespace {

std::function<void(LogLevel, std::string_view)>& sink() {
  static std::function<void(LogLevel, std::string_view)> current = [](LogLevel,
                                                                      std::string_view line) {
    std::string out(line);
    out.push_back('\n');
    std::fwrite(out.data(), 1, out.size(), stderr);
  };
  return current;
}
LogLevel lowest_level = LogLevel::kInfo;

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarn:
      return "warn";
    case LogLevel::kError:
      return "error";
  }
  return "error";
}

}  // namespace

void set_log_sink(std::function<void(LogLevel, std::string_view)> next) {
  sink() = std::move(next);
}

void set_log_level(LogLevel lowest) {
  lowest_level = lowest;
}

void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (level < lowest_level) {
    return;
  }
  std::string line = "{\"time\":\"" + format_rfc3339(system_clock().wall()) + "\",\"level\":\"";
  line += level_name(level);
  line += "\",\"event\":" + json::quote(event);
  for (const LogField& field : fields) {
    line += "," + json::quote(field.first) + ":" + json::quote(field.second);
  }
  line += "}";
  sink()(level, line);
}

}  // namespace pawl
