#include "foundation/cose/cbor_head.h"

#include <cbor.h>

#include <optional>

namespace pawl::cbor {
namespace {

using Kind = Head::Kind;

constexpr unsigned kFirstTag = 0xc0;     // major type 6
constexpr unsigned kTagsOfOneByte = 24;  // 0 to 23

// What a callback was told; empty: it was something that is never read.
struct Told {
  std::optional<Head> head;
};

void tell(void* context, Kind kind, std::uint64_t argument) {
  static_cast<Told*>(context)->head = Head{.kind = kind, .argument = argument};
}

template <Kind kKind, class Argument>
void on_argument(void* context, Argument argument) {
  tell(context, kKind, static_cast<std::uint64_t>(argument));
}

template <Kind kKind>
void on_string(void* context, cbor_data data, std::size_t size) {
  tell(context, kKind, size);
  static_cast<Told*>(context)->head->content = {reinterpret_cast<const char*>(data), size};
}

template <class Number>
void on_float(void* context, Number number) {
  tell(context, Kind::kFloat, 0);
  static_cast<Told*>(context)->head->number = static_cast<double>(number);
}

cbor_callbacks callbacks() {
  cbor_callbacks out = cbor_empty_callbacks;  // the others leave Told as it is
  out.uint8 = on_argument<Kind::kUnsigned, std::uint8_t>;
  out.uint16 = on_argument<Kind::kUnsigned, std::uint16_t>;
  out.uint32 = on_argument<Kind::kUnsigned, std::uint32_t>;
  out.uint64 = on_argument<Kind::kUnsigned, std::uint64_t>;
  out.negint8 = on_argument<Kind::kNegative, std::uint8_t>;
  out.negint16 = on_argument<Kind::kNegative, std::uint16_t>;
  out.negint32 = on_argument<Kind::kNegative, std::uint32_t>;
  out.negint64 = on_argument<Kind::kNegative, std::uint64_t>;
  out.byte_string = on_string<Kind::kBytes>;
  out.string = on_string<Kind::kText>;
  out.array_start = on_argument<Kind::kArray, std::size_t>;
  out.map_start = on_argument<Kind::kMap, std::size_t>;
  out.tag = on_argument<Kind::kTag, std::uint64_t>;
  out.float2 = on_float<float>;
  out.float4 = on_float<float>;
  out.float8 = on_float<double>;
  out.boolean = on_argument<Kind::kBool, bool>;
  out.null = [](void* context) { tell(context, Kind::kNull, 0); };
  return out;
}

}  // namespace

Result<Head> read_head(std::string_view bytes) {
  static const cbor_callbacks kCallbacks = callbacks();
  if (bytes.empty()) {
    return fail(Code::kMalformed, "the item is cut off");
  }
  // libcbor 0.8 knows the tags of one byte by name only, and refuses the others, 18 among them.
  const auto first = static_cast<unsigned char>(bytes.front());
  if (first >= kFirstTag && first < kFirstTag + kTagsOfOneByte) {
    return Head{.kind = Kind::kTag, .argument = first - kFirstTag, .size = 1};
  }
  Told told;
  const cbor_decoder_result read = cbor_stream_decode(reinterpret_cast<cbor_data>(bytes.data()),
                                                      bytes.size(), &kCallbacks, &told);
  if (read.status == CBOR_DECODER_NEDATA) {
    return fail(Code::kMalformed, "the item is cut off");
  }
  if (read.status != CBOR_DECODER_FINISHED || read.read == 0 || read.read > bytes.size()) {
    return fail(Code::kMalformed, "reserved or unassigned item");
  }
  if (!told.head) {
    return fail(Code::kMalformed, "an indefinite length, a break or undefined is never read");
  }
  told.head->size = read.read;
  return *told.head;
}

}  // namespace pawl::cbor
