#include "base/log.h"

#include <cstdio>

#include "base/clock.h"
#include "base/hidden_text.h"
#include "base/json.h"
#include "base/log_flood.h"
#include "base/mutex.h"

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
Mutex flood_mutex;
LogFlood& flood() {
  static LogFlood limits;
  return limits;
}

// \uXXXX, of two surrogates above U+FFFF (RFC 8259).
void append_json_escape(std::string& out, std::uint32_t point) {
  constexpr std::uint32_t kFirstPair = 0x10000;
  char buffer[16];
  if (point >= kFirstPair) {
    std::snprintf(buffer, sizeof(buffer), "\\u%04x", 0xd800 + ((point - kFirstPair) >> 10));
    out += buffer;
    point = 0xdc00 + ((point - kFirstPair) & 0x3ff);
  }
  std::snprintf(buffer, sizeof(buffer), "\\u%04x", point);
  out += buffer;
}

// A log is read on screens.
std::string quoted(std::string_view text) {
  return escape_hidden(json::quote(text), append_json_escape);
}

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

bool parse_log_level(std::string_view name, LogLevel& level) {
  for (const LogLevel known :
       {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarn, LogLevel::kError}) {
    if (level_name(known) == name) {
      level = known;
      return true;
    }
  }
  return false;
}

std::uint64_t log_lines_suppressed() {
  MutexLock lock(flood_mutex);
  return flood().suppressed();
}

void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (level < lowest_level) {
    return;
  }
  LogFlood::Decision decision;
  {
    MutexLock lock(flood_mutex);
    decision = flood().pass(event, system_clock().boot());
  }
  if (!decision.write) {
    return;
  }
  std::string line = "{\"time\":\"" + format_rfc3339(system_clock().wall()) + "\",\"level\":\"";
  line += level_name(level);
  line += "\",\"event\":" + quoted(event);
  for (const LogField& field : fields) {
    line += "," + quoted(field.first) + ":" + quoted(field.second);
  }
  if (decision.suppressed > 0) {
    line += ",\"suppressed\":" + std::to_string(decision.suppressed);
  }
  line += "}";
  sink()(level, line);
}

}  // namespace pawl
