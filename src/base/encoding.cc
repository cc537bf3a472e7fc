#include "base/encoding.h"

#include <endian.h>

#include <array>
#include <cstdint>
#include <cstring>

namespace pawl {
namespace {

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::uint8_t kNoDigit = 0xff;

using DigitTable = std::array<std::uint8_t, 256>;

constexpr DigitTable digits_of(std::string_view alphabet) {
  DigitTable table{};
  for (std::uint8_t& digit : table) {
    digit = kNoDigit;
  }
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}

constexpr DigitTable kBase64Digits = digits_of(kBase64);
constexpr DigitTable kBase64UrlDigits = digits_of(kBase64Url);
constexpr DigitTable kHexDigits = digits_of(kHex);

// Sized first and written in place, as in decode64: appending one character at a time costs five
// times as much. Six bytes are eight characters; two more are read with them.
void append64(std::string& text, std::string_view bytes, std::string_view alphabet) {
  const char* const letters = alphabet.data();
  const std::size_t begin = text.size();
  text.resize(begin + (bytes.size() * 4 + 2) / 3);
  char* out = text.data() + begin;
  for (; bytes.size() >= 8; bytes.remove_prefix(6)) {
    std::uint64_t group = 0;
    std::memcpy(&group, bytes.data(), sizeof group);
    group = be64toh(group);
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i) {
      *out++ = letters[group >> (58 - 6 * i) & 63];
    }
  }
  std::uint32_t bits = 0;
  int held = 0;  // how many low bits of `bits` are not written yet
  for (const char c : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (held += 8; held >= 6; held -= 6) {
      *out++ = letters[bits >> (held - 6) & 63];
    }
  }
  if (held > 0) {
    *out = letters[bits << (6 - held) & 63];
  }
}

// Decodes text without padding. Four characters are three bytes; what is not of the alphabet is
// left to the loop behind, which tells its place.
Result<std::string> decode64(std::string_view text, const DigitTable& digits, const char* name) {
  if (text.size() % 4 == 1) {
    return fail(Code::kMalformed, std::string(name) + ": no value has this length");
  }
  std::string bytes(text.size() * 3 / 4, '\0');
  char* out = bytes.data();
  const auto digit_at = [&](std::size_t i) -> std::uint32_t {
    return digits[static_cast<unsigned char>(text[i])];
  };
  std::size_t i = 0;
  for (; i + 4 <= text.size(); i += 4) {
    const std::uint32_t a = digit_at(i), b = digit_at(i + 1);
    const std::uint32_t c = digit_at(i + 2), d = digit_at(i + 3);
    if ((a | b | c | d) > 63) {
      break;
    }
    const std::uint32_t group = a << 18 | b << 12 | c << 6 | d;
    *out++ = static_cast<char>(group >> 16);
    *out++ = static_cast<char>(group >> 8 & 0xff);
    *out++ = static_cast<char>(group & 0xff);
  }
  std::uint32_t bits = 0;
  int held = 0;  // how many low bits of `bits` are not written yet
  for (; i < text.size(); ++i) {
    const std::uint8_t digit = digits[static_cast<unsigned char>(text[i])];
    if (digit == kNoDigit) {
      return fail(Code::kMalformed, std::string(name) + ": character " + std::to_string(i + 1) +
                                        " is outside the alphabet");
    }
    bits = bits << 6 | digit;
    held += 6;
    if (held >= 8) {
      held -= 8;
      *out++ = static_cast<char>(bits >> held & 0xff);
    }
  }
  if ((bits & ((1u << held) - 1)) != 0) {
    return fail(Code::kMalformed, std::string(name) + ": unused bits at the end are not zero");
  }
  return bytes;
}

}  // namespace

void append_base64url(std::string& text, std::string_view bytes) {
  append64(text, bytes, kBase64Url);
}

std::string base64url_encode(std::string_view bytes) {
  std::string text;
  append64(text, bytes, kBase64Url);
  return text;
}

Result<std::string> base64url_decode(std::string_view text) {
  return decode64(text, kBase64UrlDigits, "base64url");
}

std::string base64_encode(std::string_view bytes) {
  std::string text;
  append64(text, bytes, kBase64);
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

Result<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) {
    return fail(Code::kMalformed, "base64: the length is not a multiple of 4");
  }
  for (int i = 0; i < 2 && text.ends_with('='); ++i) {
    text.remove_suffix(1);
  }
  return decode64(text, kBase64Digits, "base64");
}

std::string hex_encode(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kHex[byte >> 4];
    text += kHex[byte & 15];
  }
  return text;
}

Result<std::string> hex_decode(std::string_view text) {
  if (text.size() % 2 != 0) {
    return fail(Code::kMalformed, "hex: an odd number of characters");
  }
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const std::uint8_t high = kHexDigits[static_cast<unsigned char>(text[i])];
    const std::uint8_t low = kHexDigits[static_cast<unsigned char>(text[i + 1])];
    if (high == kNoDigit || low == kNoDigit) {
      return fail(Code::kMalformed, "hex: character " + std::to_string(i + 1) + " or " +
                                        std::to_string(i + 2) + " is not one of 0-9, a-f");
    }
    bytes += static_cast<char>(high << 4 | low);
  }
  return bytes;
}

}  // namespace pawl
