#include "infrastructure/mcp/cursor.h"

#include <boost/json/array.hpp>

#include "base/encoding.h"
#include "base/json.h"
#include "foundation/crypto/sha256.h"

namespace pawl::mcp {
namespace {

constexpr std::size_t kMacBytes = 32;
constexpr std::size_t kMaxCursorBytes = 256 * 1024;

tl::unexpected<Error> foreign() {
  return fail(Code::kInvalidParams,
              "the cursor was not issued here for this list; list again from the beginning");
}

std::string mac(const std::string& key, ListKind list, std::string_view payload) {
  std::string bound = "pawl cursor v1\n";
  bound.append(list_member(list)).append("\n").append(payload);
  return std::string(view(hmac_sha256(key, bound)));
}

}  // namespace

std::string CursorSeal::seal(ListKind list, const std::vector<CursorEntry>& entries) const {
  json::Array array;
  for (const CursorEntry& entry : entries) {
    array.push_back(json::Array{json::Value(entry.server), json::Value(entry.cursor)});
  }
  const std::string payload = json::print(json::Value(std::move(array)));
  return base64url_encode(mac(key_, list, payload) + payload);
}

Result<std::vector<CursorEntry>> CursorSeal::open(ListKind list, std::string_view cursor) const {
  if (cursor.size() > kMaxCursorBytes) {
    return foreign();
  }
  const Result<std::string> bytes = base64url_decode(cursor);
  if (!bytes || bytes->size() < kMacBytes) {
    return foreign();
  }
  const std::string_view payload = std::string_view(*bytes).substr(kMacBytes);
  if (!equal_constant_time(std::string_view(*bytes).substr(0, kMacBytes),
                           mac(key_, list, payload))) {
    return foreign();
  }
  const Result<json::Parsed> parsed = json::parse(payload);
  if (!parsed || !parsed->value.is_array()) {
    return foreign();
  }
  std::vector<CursorEntry> out;
  for (const json::Value& entry : parsed->value.get_array()) {
    if (!entry.is_array() || entry.get_array().size() != 2 || !entry.get_array()[0].is_string() ||
        !entry.get_array()[1].is_string()) {
      return foreign();
    }
    out.push_back(CursorEntry{std::string(entry.get_array()[0].get_string()),
                              std::string(entry.get_array()[1].get_string())});
  }
  return out;
}

}  // namespace pawl::mcp
