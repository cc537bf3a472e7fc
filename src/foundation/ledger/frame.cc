#include "foundation/ledger/frame.h"

#include "foundation/crypto/sha256.h"
#include "foundation/ledger/bytes.h"

namespace pawl::ledger {
namespace {

constexpr std::string_view kMagic = "PAWL";
constexpr std::size_t kChecked = 20;      // header bytes that the check covers
constexpr std::size_t kCheckLength = 12;  // bytes of the SHA-256 that are kept
constexpr std::uint8_t kClosesIntent = 1;

bool is_zero(std::string_view bytes) {
  return bytes.find_first_not_of('\0') == bytes.npos;
}

FrameRead bad(std::string reason) {
  return {.what = FrameRead::What::kBad, .frame = {}, .size = 0, .reason = std::move(reason)};
}

}  // namespace

void put_frame(std::string& out, FrameKind kind, bool closes_intent, std::uint64_t batch,
               std::initializer_list<std::string_view> body) {
  const std::size_t begin = out.size();
  std::size_t length = 0;
  for (std::string_view part : body) {
    length += part.size();
  }
  out += kMagic;
  out.push_back(static_cast<char>(kind));
  out.push_back(static_cast<char>(closes_intent ? kClosesIntent : 0));
  put_u16(out, 0);
  put_u64(out, batch);
  put_u32(out, static_cast<std::uint32_t>(length));
  const std::size_t check_at = out.size();
  out.append(kCheckLength, '\0');
  for (std::string_view part : body) {
    out += part;
  }
  const std::string_view written = std::string_view(out).substr(begin);
  const Digest check = sha256({written.substr(0, kChecked), written.substr(kFrameHeader)});
  out.replace(check_at, kCheckLength, view(check).substr(0, kCheckLength));
  out.resize(begin + frame_size(length), '\0');
}

FrameRead read_frame(std::string_view bytes, std::size_t offset) {
  const std::string_view rest = bytes.substr(std::min(offset, bytes.size()));
  if (is_zero(rest.substr(0, kFrameHeader))) {
    return {};
  }
  if (rest.size() < kFrameHeader || !rest.starts_with(kMagic)) {
    return bad("no frame begins here");
  }
  const auto kind = static_cast<std::uint8_t>(rest[4]);
  const auto flags = static_cast<std::uint8_t>(rest[5]);
  if (kind < 1 || kind > 3) {
    return bad("unknown frame kind " + std::to_string(kind));
  }
  if (flags > (kind == 2 ? kClosesIntent : 0) || get_u16(rest.substr(6)) != 0) {
    return bad("reserved bits are set");
  }
  const std::size_t length = get_u32(rest.substr(16));
  if (length > kMaxFrameBody || frame_size(length) > rest.size()) {
    return bad("a frame of " + std::to_string(length) + " bytes does not fit");
  }
  const std::string_view body = rest.substr(kFrameHeader, length);
  const Digest check = sha256({rest.substr(0, kChecked), body});
  if (rest.substr(kChecked, kCheckLength) != view(check).substr(0, kCheckLength)) {
    return bad("the frame's check does not fit its bytes");
  }
  if (!is_zero(rest.substr(kFrameHeader + length, frame_size(length) - kFrameHeader - length))) {
    return bad("the padding is not zero");
  }
  const bool needs_id = kind != static_cast<std::uint8_t>(FrameKind::kCheckpoint);
  if (needs_id && length < 16) {
    return bad("an intent or entry without an id");
  }
  return {.what = FrameRead::What::kFrame,
          .frame = {static_cast<FrameKind>(kind), flags == kClosesIntent, get_u64(rest.substr(8)),
                    body},
          .size = frame_size(length),
          .reason = {}};
}

}  // namespace pawl::ledger
