#include "foundation/ledger/renewal.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <charconv>

#include "base/json.h"

namespace pawl::ledger {
namespace {

constexpr std::string_view kFormat = "pawl.opened/1";
constexpr std::string_view kFamily = "pawl.opened/";
constexpr std::size_t kMaxOpened = 256u << 20;
constexpr std::size_t kNumberDigits = 6;

std::string opened_path(const std::string& folder) {
  return folder + "/opened.json";
}
std::string current(const std::string& root) {
  return root + "/ledger";
}
std::string next(const std::string& root) {
  return root + "/ledger.next";
}
std::string frozen(const std::string& root) {
  return root + "/ledgers";
}

// An error: it could not be told. A new log must not begin because a disk failed for a moment.
Result<bool> is_there(Files& files, const std::string& folder) {
  if (!files.exists(folder)) {
    return false;
  }
  const Result<std::vector<std::string>> names = files.list(folder);
  return names || names.error().code == Code::kNotFound ? Result<bool>(names.has_value())
                                                        : Result<bool>(fail(names.error()));
}

// The first rename of a switch. It may be of a process that was killed before it was durable;
// without it the second would put the new log where the old one still is.
Status persist_frozen(Files& files, const std::string& root) {
  Status synced = files.sync_directory(frozen(root));
  return synced ? files.sync_directory(root) : synced;
}

std::optional<std::uint64_t> decimal(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc{} && end == text.data() + text.size() && !text.empty();
  return whole ? std::optional(number) : std::nullopt;
}

std::optional<std::uint64_t> number_in(const json::Value& value, std::string_view name) {
  const json::Value* found = json::find(value, {name});
  return found != nullptr && found->is_int64() && found->get_int64() >= 0
             ? std::optional(static_cast<std::uint64_t>(found->get_int64()))
             : std::nullopt;
}

Result<Opened> parse_opened(const json::Value& value) {
  const auto format = json::find_string(value, {"format"});
  if (format != kFormat) {
    const bool newer = format && format->starts_with(kFamily);
    return fail(newer ? Code::kUnsupported : Code::kMalformed,
                "member format is not " + std::string(kFormat));
  }
  const auto number = number_in(value, "number");
  const auto size = number_in(value, "size_before");
  const auto kept = number_in(value, "kept_before");
  const auto origin = json::find_string(value, {"origin_before"});
  const auto note = json::find_string(value, {"checkpoint_before"});
  const auto decisions = json::find_string(value, {"decisions"});
  const json::Value* intents = json::find(value, {"open_intents"});
  if (!number || *number < 2 || !size || !kept || !origin || !note || !decisions ||
      intents == nullptr || !intents->is_array()) {
    return fail(Code::kMalformed,
                "expected number, origin_before, size_before, kept_before, checkpoint_before, "
                "decisions and open_intents");
  }
  Opened opened{
      *number, std::string(*origin), *size, *kept, std::string(*note), std::string(*decisions), {}};
  for (const json::Value& intent : intents->get_array()) {
    const Result<Uuid> id = Uuid::parse(json::find_string(intent, {"id"}).value_or(""));
    const auto body = json::find_string(intent, {"body"});
    if (!id || !body) {
      return fail(Code::kMalformed, "an open intent has an id and a body");
    }
    opened.open_intents.push_back({*id, std::string(*body), true});
  }
  return opened;
}

}  // namespace

std::string log_origin(const std::string& first_origin, std::uint64_t number) {
  return number <= 1 ? first_origin : first_origin + "/" + std::to_string(number);
}

// A first origin is DOMAIN/pawl/NODE, of parts without a slash.
LogName log_name(const std::string& origin) {
  const std::size_t slash = origin.rfind('/');
  const bool is_later = std::count(origin.begin(), origin.end(), '/') == 3;
  const auto number = is_later ? decimal(std::string_view(origin).substr(slash + 1)) : std::nullopt;
  return number && *number > 1 ? LogName{origin.substr(0, slash), *number} : LogName{origin, 1};
}

Result<std::optional<Opened>> read_opened(Files& files, const std::string& ledger_folder) {
  const std::string path = opened_path(ledger_folder);
  Result<std::string> text = read_file(files, path, kMaxOpened);
  if (!text) {
    return text.error().code == Code::kNotFound ? Result<std::optional<Opened>>(std::nullopt)
                                                : Result<std::optional<Opened>>(fail(text.error()));
  }
  const Result<json::Parsed> parsed = json::parse(*text, json::Limits{kMaxOpened, 8, 10'000'000});
  if (!parsed) {
    return fail_at(path, parsed.error());
  }
  Result<Opened> opened = parse_opened(parsed->value);
  return opened ? Result<std::optional<Opened>>(*std::move(opened))
                : Result<std::optional<Opened>>(fail_at(path, opened.error()));
}

Status prepare_renewal(Files& files, const std::string& root, const Opened& opened) {
  if (files.exists(frozen_folder(root, opened.number - 1))) {
    return fail(Code::kConflict, frozen_folder(root, opened.number - 1) + ": exists already");
  }
  for (const std::string& folder : {next(root), frozen(root)}) {
    if (Status made = make_durable_directory(files, folder); !made) {
      return made;
    }
  }
  json::Array intents;
  for (const Intent& intent : opened.open_intents) {
    intents.push_back(json::Object{{"id", intent.id.text()}, {"body", intent.body}});
  }
  json::Object out{{"format", kFormat},
                   {"number", opened.number},
                   {"origin_before", opened.origin_before},
                   {"size_before", opened.size_before},
                   {"kept_before", opened.kept_before},
                   {"checkpoint_before", opened.checkpoint_before},
                   {"decisions", opened.decisions}};
  out["open_intents"] = std::move(intents);
  return write_file(files, opened_path(next(root)), json::print(out) + "\n");
}

Status switch_logs(Files& files, const std::string& root, std::uint64_t old_number) {
  Status moved = files.rename(current(root), frozen_folder(root, old_number));
  return moved ? settle_renewal(files, root) : moved;
}

Result<std::optional<Opened>> newest_opened(Files& files, const std::string& root) {
  const Result<bool> has_current = is_there(files, current(root));
  if (!has_current) {
    return fail(has_current.error());
  }
  if (*has_current) {
    return read_opened(files, current(root));
  }
  Result<std::optional<Opened>> prepared = read_opened(files, next(root));
  if (!prepared || !*prepared) {
    return prepared;
  }
  const Result<bool> has_old = is_there(files, frozen_folder(root, (*prepared)->number - 1));
  if (!has_old) {
    return fail(has_old.error());
  }
  // Left over from another time when what it goes on from is not here.
  return *has_old ? prepared : Result<std::optional<Opened>>(std::nullopt);
}

Status settle_renewal(Files& files, const std::string& root) {
  const Result<bool> has_current = is_there(files, current(root));
  if (!has_current || *has_current) {
    return has_current ? Status{} : Status(fail(has_current.error()));
  }
  const Result<std::optional<Opened>> prepared = newest_opened(files, root);
  if (!prepared) {
    return fail(prepared.error());
  }
  if (!*prepared) {
    return {};
  }
  if (Status durable = persist_frozen(files, root); !durable) {
    return durable;
  }
  if (Status moved = files.rename(next(root), current(root)); !moved) {
    return moved;
  }
  return files.sync_directory(root);
}

std::string frozen_folder(const std::string& root, std::uint64_t number) {
  std::string digits = std::to_string(number);
  digits.insert(0, kNumberDigits - std::min(kNumberDigits, digits.size()), '0');
  return frozen(root) + "/" + digits;
}

std::vector<std::uint64_t> frozen_logs(Files& files, const std::string& root) {
  std::vector<std::uint64_t> out;
  const Result<std::vector<std::string>> names = files.list(frozen(root));
  for (const std::string& name : names ? *names : std::vector<std::string>{}) {
    const auto number = decimal(name);
    if (number && files.exists(frozen_folder(root, *number) + "/segments")) {
      out.push_back(*number);
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace pawl::ledger
