#include "foundation/ledger/minimum.h"

#include "base/json.h"
#include "foundation/crypto/sha256.h"
#include "foundation/ledger/bytes.h"
#include "foundation/ledger/source.h"
#include "foundation/ledger/tile_path.h"

namespace pawl::ledger {
namespace {

constexpr std::string_view kFormat = "pawl.minimum/1";
constexpr std::string_view kFamily = "pawl.minimum/";
constexpr std::size_t kMaxMinimum = 4096;
constexpr std::size_t kMaxKept = 256u << 20;
constexpr std::size_t kKeptHeader = 10;  // index and length
constexpr std::string_view kKeptName = "kept.";
constexpr std::string_view kBaseName = "base.";

std::optional<std::uint64_t> number_in(const json::Value& value, std::string_view name) {
  const json::Value* found = json::find(value, {name});
  return found != nullptr && found->is_int64() && found->get_int64() >= 0
             ? std::optional(static_cast<std::uint64_t>(found->get_int64()))
             : std::nullopt;
}

tl::unexpected<Error> bad(std::string_view what) {
  return fail(Code::kBadSignature, "file minimum: " + std::string(what));
}

}  // namespace

std::string minimum_path(const std::string& folder) {
  return folder + "/minimum";
}
std::string kept_path(const std::string& folder, std::uint64_t record_index) {
  return folder + "/" + std::string(kKeptName) + std::to_string(record_index);
}
std::string base_path(const std::string& folder, std::uint64_t record_index) {
  return folder + "/" + std::string(kBaseName) + std::to_string(record_index);
}

bool is_left_over(std::string_view name, const Minimum& minimum) {
  const std::string number = std::to_string(minimum.record_index);
  return (name.starts_with(kKeptName) && name.substr(kKeptName.size()) != number) ||
         (name.starts_with(kBaseName) && name.substr(kBaseName.size()) != number);
}

std::string print_minimum(const Minimum& minimum) {
  return json::print(json::Object{{"format", kFormat},
                                  {"minimum", minimum.index},
                                  {"segment", minimum.at.segment},
                                  {"batch", minimum.at.batch},
                                  {"size", minimum.at.size},
                                  {"record", minimum.record.text()},
                                  {"record_index", minimum.record_index}}) +
         "\n";
}

Result<Minimum> parse_minimum(std::string_view text) {
  const Result<json::Parsed> parsed = json::parse(text);
  const auto format = parsed ? json::find_string(parsed->value, {"format"}) : std::nullopt;
  if (format != kFormat) {
    return format && format->starts_with(kFamily)
               ? fail(Code::kUnsupported, "file minimum: a newer format")
               : bad("member format is not " + std::string(kFormat));
  }
  const json::Value& value = parsed->value;
  const auto index = number_in(value, "minimum");
  const auto segment = number_in(value, "segment");
  const auto batch = number_in(value, "batch");
  const auto size = number_in(value, "size");
  const auto record_index = number_in(value, "record_index");
  const Result<Uuid> record = Uuid::parse(json::find_string(value, {"record"}).value_or(""));
  if (!index || !segment || !batch || !size || !record_index || !record) {
    return bad("expected minimum, segment, batch, size, record and record_index");
  }
  if (*index == 0 || *index % kTileWidth != 0 || *segment == 0 || *batch == 0 || *size > *index ||
      *record_index <= *index) {
    return bad("its numbers contradict each other");
  }
  return Minimum{*index, {*segment, kSegmentHeader, *batch, *size}, *record, *record_index};
}

Result<std::optional<Minimum>> read_minimum(Files& files, const std::string& folder) {
  const Result<std::string> text = read_file(files, minimum_path(folder), kMaxMinimum);
  if (!text) {
    return text.error().code == Code::kNotFound
               ? Result<std::optional<Minimum>>(std::nullopt)
               : Result<std::optional<Minimum>>(fail(text.error()));
  }
  const Result<Minimum> minimum = parse_minimum(*text);
  return minimum ? Result<std::optional<Minimum>>(*minimum)
                 : Result<std::optional<Minimum>>(fail(minimum.error()));
}

Result<std::optional<Minimum>> minimum_at(Files& files, const std::string& path) {
  const Result<Source> source = find_source(files, path);
  return source ? read_minimum(files, source->folder) : fail(source.error());
}

std::string print_kept(const KeptEntries& kept) {
  std::string bytes;
  for (const auto& [index, token] : kept) {
    put_u64(bytes, index);
    put_u16(bytes, static_cast<std::uint16_t>(token.size()));
    bytes += token;
  }
  return bytes;
}

Result<KeptEntries> parse_kept(std::string_view bytes) {
  KeptEntries kept;
  while (!bytes.empty()) {
    if (bytes.size() < kKeptHeader || bytes.size() - kKeptHeader < get_u16(bytes.substr(8))) {
      return fail(Code::kBadSignature, "kept entries: the last one is cut off");
    }
    const std::uint64_t index = get_u64(bytes);
    const std::size_t length = get_u16(bytes.substr(8));
    if (!kept.empty() && kept.rbegin()->first >= index) {
      return fail(Code::kBadSignature, "kept entries: their indexes do not ascend");
    }
    kept.emplace(index, bytes.substr(kKeptHeader, length));
    bytes.remove_prefix(kKeptHeader + length);
  }
  return kept;
}

std::string hash_of_kept(std::string_view bytes) {
  return digest_text(sha256(bytes));
}

Result<std::optional<Pruned>> read_pruned(Files& files, const std::string& folder) {
  const Result<std::optional<Minimum>> minimum = read_minimum(files, folder);
  if (!minimum) {
    return fail(minimum.error());
  }
  if (!*minimum) {
    return std::optional<Pruned>();
  }
  const std::string path = kept_path(folder, (*minimum)->record_index);
  const Result<std::string> bytes = read_file(files, path, kMaxKept);
  if (!bytes) {
    return bytes.error().code == Code::kNotFound
               ? fail(Code::kBadSignature, path + ": is missing; restore it from a backup")
               : fail(bytes.error());
  }
  Result<KeptEntries> kept = parse_kept(*bytes);
  if (!kept) {
    return fail(kept.error());
  }
  if (!kept->empty() && kept->rbegin()->first >= (*minimum)->index) {
    return fail(Code::kBadSignature, path + ": holds an entry that was not pruned");
  }
  return std::optional(Pruned{**minimum, *std::move(kept), hash_of_kept(*bytes)});
}

std::string pruned_text(std::uint64_t index, const Minimum& minimum) {
  return "entry " + std::to_string(index) + " was pruned: the log begins at entry " +
         std::to_string(minimum.index) + ", as record " + minimum.record.text() + " says";
}

}  // namespace pawl::ledger
