// Structured logs: one event name and named fields, one JSON object a line.
//
// Threading:  any thread. The sink is set once at start-up, before threads start.
// Floods:     lines of one event beyond 50 at once and 5 a second are counted, not written; the
// next
//             one that is written says how many (`suppressed`).
// Events:     docs/operations/logs.md lists every one; a test compares.
// Rule:       secrets, arguments and personal data never go in; names that agents or servers chose
//             are quoted as JSON strings with control characters escaped.
//
// Example: log(LogLevel::kWarn, "upstream_exited", {{"server", name}, {"status", "1"}});
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace pawl {

enum class LogLevel { kDebug, kInfo, kWarn, kError };

using LogField = std::pair<std::string_view, std::string>;
void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

// Where lines go: level, complete JSON object without a line end. Default: standard error.
void set_log_sink(std::function<void(LogLevel, std::string_view)> sink);
void set_log_level(LogLevel lowest);
bool parse_log_level(std::string_view name, LogLevel& level);  // "debug", "info", "warn", "error"
std::uint64_t log_lines_suppressed();                          // since the start

}  // namespace pawl
