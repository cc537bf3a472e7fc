// What clients and headers carry for us: sealed states and cursors, encoded values and texts.
// Input: a text, then an edit of three bytes (support/keys.h), which must not go unnoticed.
#include "base/encoding.h"
#include "base/random.h"
#include "fuzz/support/fuzz.h"
#include "fuzz/support/keys.h"
#include "infrastructure/mcp/cursor.h"
#include "infrastructure/mcp/param_headers.h"
#include "infrastructure/mcp/request_state.h"

namespace pawl::mcp {
namespace {

constexpr WallTime kNow{1'700'000'000'000'000};

void check_state(std::string_view text, std::string_view edit) {
  static const RequestStates states(std::string(32, 'k'), Uuid::v8(std::string(16, 'e')),
                                    system_random());
  static const StateBinding binding{"agent", "server", "tools/call", "tool", "digest"};
  FUZZ_CHECK(!states.open(binding, text, kNow), "a text that we did not seal is refused");
  const Result<std::string> sealed = states.seal(binding, text, Uuid{}, kNow);
  const Result<json::Parsed> plain = json::parse(json::quote(text));
  const bool is_utf8 = plain && plain->value.as_string() == text;
  const Result<OpenedState> opened = states.open(binding, *sealed, kNow);
  FUZZ_CHECK(opened && (!is_utf8 || opened->upstream == text), "a sealed state opens as it was");
  const std::string other = fuzz::altered(*sealed, edit);
  FUZZ_CHECK(other == *sealed || !states.open(binding, other, kNow), "an altered state is refused");
}

void check_cursor(std::string_view text, std::string_view edit) {
  static const CursorSeal seal(std::string(32, 'k'));
  const std::vector<CursorEntry> entries = {{"a", base64_encode(text)}, {"b", ""}};
  const std::string sealed = seal.seal(ListKind::kTools, entries);
  const auto opened = seal.open(ListKind::kTools, sealed);
  FUZZ_CHECK(opened && *opened == entries, "a sealed cursor opens as it was");
  FUZZ_CHECK(!seal.open(ListKind::kPrompts, sealed), "a cursor is of one list");
  FUZZ_CHECK(!seal.open(ListKind::kTools, text), "a text that we did not seal is refused");
  const std::string other = fuzz::altered(sealed, edit);
  FUZZ_CHECK(other == sealed || !seal.open(ListKind::kTools, other), "an altered one is refused");
}

void check_encodings(std::string_view text) {
  const std::string header = encode_header_value(text);
  FUZZ_CHECK(decode_header_value(header) == std::string(text), "a header value reads back");
  FUZZ_CHECK(header.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos,
             "a header value breaks no line");
  FUZZ_CHECK(base64_decode(base64_encode(text)) == std::string(text), "base64 reads back");
  FUZZ_CHECK(base64url_decode(base64url_encode(text)) == std::string(text), "base64url reads back");
  FUZZ_CHECK(hex_decode(hex_encode(text)) == std::string(text), "hex reads back");
  // One text for one value: nothing signed or compared has a second spelling.
  if (const auto bytes = base64_decode(text)) {
    FUZZ_CHECK(base64_encode(*bytes) == text, "base64 has one spelling");
  }
  if (const auto bytes = base64url_decode(text)) {
    FUZZ_CHECK(base64url_encode(*bytes) == text, "base64url has one spelling");
  }
  if (const auto id = Uuid::parse(text)) {
    FUZZ_CHECK(Uuid::parse(id->text()) == *id, "a UUID reads back");
  }
}

}  // namespace
}  // namespace pawl::mcp

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pawl;
  const auto [text, edit] = fuzz::parts<2>(fuzz::view(data, size));
  mcp::check_state(text, edit);
  mcp::check_cursor(text, edit);
  mcp::check_encodings(text);
  return 0;
}
