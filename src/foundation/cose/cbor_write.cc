#include <cbor.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "base/utf8.h"
#include "foundation/cose/cbor.h"

namespace pawl::cbor {
namespace {

constexpr std::size_t kMostHeadBytes = 9;

// `encode` is one of libcbor's encoders, which writes at most nine bytes and says how many.
template <class Encode, class Argument>
void append_head(std::string& out, Encode encode, Argument argument) {
  unsigned char head[kMostHeadBytes];
  const std::size_t size = encode(argument, head, sizeof head);
  out.append(reinterpret_cast<const char*>(head), size);
}

// The half that has exactly this value. libcbor 0.8 rounds some of the subnormal ones away.
std::optional<std::uint16_t> half_of(double number) {
  constexpr int kLeastExponent = -14, kFractionBits = 10;
  const double size = std::fabs(number);
  const int exponent = size == 0 ? kLeastExponent : std::max(std::ilogb(size), kLeastExponent);
  const double fraction = std::ldexp(size, kFractionBits - exponent);  // below 2048, if it is one
  if (exponent > 15 || std::trunc(fraction) != fraction) {
    return std::nullopt;
  }
  // The leading bit of a normal number carries into the exponent.
  const int bits = ((exponent - kLeastExponent) << kFractionBits) + static_cast<int>(fraction);
  return static_cast<std::uint16_t>(bits | (std::signbit(number) ? 0x8000 : 0));
}

// The shortest of the three widths that keeps the value.
void append_float(std::string& out, double number) {
  if (const std::optional<std::uint16_t> half = half_of(number)) {
    out += '\xf9';
    out += static_cast<char>(*half >> 8);
    out += static_cast<char>(*half & 0xff);
  } else if (std::fabs(number) <= std::numeric_limits<float>::max() &&
             static_cast<float>(number) == number) {
    append_head(out, cbor_encode_single, static_cast<float>(number));
  } else {
    append_head(out, cbor_encode_double, number);
  }
}

struct Writer {
  std::string out{};

  Status operator()(const Null&) {
    unsigned char head[1];
    out.append(reinterpret_cast<const char*>(head), cbor_encode_null(head, sizeof head));
    return {};
  }
  Status operator()(bool value) {
    append_head(out, cbor_encode_bool, value);
    return {};
  }
  Status operator()(std::int64_t number) {
    if (number >= 0) {
      append_head(out, cbor_encode_uint, static_cast<std::uint64_t>(number));
    } else {
      append_head(out, cbor_encode_negint, static_cast<std::uint64_t>(-1 - number));
    }
    return {};
  }
  Status operator()(std::uint64_t number) {
    append_head(out, cbor_encode_uint, number);
    return {};
  }
  Status operator()(double number) {
    if (!std::isfinite(number)) {
      return fail(Code::kMalformed, "CBOR: NaN and infinities are never written");
    }
    append_float(out, number);
    return {};
  }
  Status operator()(const Bytes& bytes) {
    append_head(out, cbor_encode_bytestring_start, bytes.bytes.size());
    out += bytes.bytes;
    return {};
  }
  Status operator()(const std::string& text) {
    if (!is_utf8(text)) {
      return fail(Code::kMalformed, "CBOR: text that is not UTF-8 is never written");
    }
    append_head(out, cbor_encode_string_start, text.size());
    out += text;
    return {};
  }
  Status operator()(const Array& array) {
    append_head(out, cbor_encode_array_start, array.size());
    for (const Value& element : array) {
      if (Status written = std::visit(*this, element.data); !written) {
        return written;
      }
    }
    return {};
  }
  Status operator()(const Map& map) {
    std::vector<std::pair<std::string, std::string>> members;
    for (const Member& member : map) {
      if (!std::holds_alternative<std::int64_t>(member.key.data) &&
          !std::holds_alternative<std::uint64_t>(member.key.data) &&
          !std::holds_alternative<std::string>(member.key.data)) {
        return fail(Code::kMalformed, "CBOR: a key is an integer or a text");
      }
      Result<std::string> key = write(member.key);
      Result<std::string> value = key ? write(member.value) : fail(key.error());
      if (!value) {
        return fail(value.error());
      }
      members.emplace_back(*std::move(key), *std::move(value));
    }
    std::sort(members.begin(), members.end());  // by the bytes of the keys (4.2.1)
    append_head(out, cbor_encode_map_start, members.size());
    const std::string* before = nullptr;
    for (const auto& [key, value] : members) {
      if (before != nullptr && *before == key) {
        return fail(Code::kMalformed, "CBOR: a key stands twice in a map");
      }
      before = &key;
      out += key;
      out += value;
    }
    return {};
  }
};

}  // namespace

Result<std::string> write(const Value& value) {
  Writer writer;
  const Status written = std::visit(writer, value.data);
  return written ? Result<std::string>(std::move(writer.out)) : fail(written.error());
}

Result<std::string> write(const Item& item) {
  Result<std::string> value = write(item.value);
  if (!value) {
    return value;
  }
  std::string out;
  for (const std::uint64_t tag : item.tags) {
    append_head(out, cbor_encode_tag, tag);
  }
  return out + *value;
}

}  // namespace pawl::cbor
