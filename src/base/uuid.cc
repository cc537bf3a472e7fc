#include "base/uuid.h"

#include <algorithm>

#include "base/assert.h"
#include "base/encoding.h"

namespace pawl {
namespace {

constexpr std::size_t kTextSize = 36;

bool is_hyphen_position(std::size_t i) {
  return i == 8 || i == 13 || i == 18 || i == 23;
}

void set_version(Uuid& id, std::uint8_t version) {
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | version << 4);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
}

Uuid from_bytes(std::string_view bytes) {
  Uuid id;
  std::copy_n(bytes.begin(), id.bytes.size(), id.bytes.begin());
  return id;
}

}  // namespace

// RFC 9562, section 6.2, method 3: the 12 bits after the milliseconds hold their fraction, so ids
// of one millisecond are ordered too; 62 bits stay random.
Uuid Uuid::v7(WallTime now, Random& random) {
  const auto us = static_cast<std::uint64_t>(std::max<std::int64_t>(now.us, 0));
  const std::uint64_t ms = us / 1000;
  const std::uint64_t fraction = us % 1000 * 4096 / 1000;
  Uuid id;
  for (std::size_t i = 0; i < 6; ++i) {
    id.bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  }
  id.bytes[6] = static_cast<std::uint8_t>(fraction >> 8);
  id.bytes[7] = static_cast<std::uint8_t>(fraction);
  const std::string noise = random.bytes(8);
  std::copy(noise.begin(), noise.end(), id.bytes.begin() + 8);
  set_version(id, 7);
  return id;
}

Uuid Uuid::v8(std::string_view digest) {
  PAWL_CHECK(digest.size() >= 16, "a version 8 UUID needs 16 bytes of digest");
  Uuid id = from_bytes(digest);
  set_version(id, 8);
  return id;
}

Result<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != kTextSize) {
    return fail(Code::kMalformed,
                "uuid: expected 36 characters, found " + std::to_string(text.size()));
  }
  std::string hex;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_hyphen_position(i)) {
      const char c = text[i];
      hex += c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    } else if (text[i] != '-') {
      return fail(Code::kMalformed,
                  "uuid: expected a hyphen as character " + std::to_string(i + 1));
    }
  }
  Result<std::string> bytes = hex_decode(hex);
  if (!bytes) {
    return fail_at("uuid", bytes.error());
  }
  return from_bytes(*bytes);
}

std::string Uuid::text() const {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out(kTextSize, '-');
  char* at = out.data();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    at += i == 4 || i == 6 || i == 8 || i == 10 ? 1 : 0;
    *at++ = kHex[bytes[i] >> 4];
    *at++ = kHex[bytes[i] & 15];
  }
  return out;
}

}  // namespace pawl
