// Frames: the unit of a segment (docs/formats/segment.md).
//
// Purpose:    one intent, entry or checkpoint with its length, batch number and check. The check is
//             against accidents (torn writes, bit rot); against people there are the tree and the
//             signatures.
// Threading:  pure functions.
// Errors:     a damaged frame is a value (FrameRead::kBad with what is wrong): whether it is a torn
//             tail or damage only the whole log can tell.
// Not errors: zeros where a frame would begin: the end of what was written.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace pawl::ledger {

inline constexpr std::size_t kFrameHeader = 32;       // bytes before the body
inline constexpr std::size_t kFrameAlign = 8;         // frames begin at multiples of this
inline constexpr std::size_t kMaxToken = 65'535;      // bytes of one entry
inline constexpr std::size_t kMaxIntent = 16 * 1024;  // bytes of one intent
inline constexpr std::size_t kMaxFrameBody = 16 + kMaxToken;

enum class FrameKind : std::uint8_t { kIntent = 1, kEntry = 2, kCheckpoint = 3 };

struct Frame {
  FrameKind kind = FrameKind::kEntry;
  bool closes_intent = false;  // entries only
  std::uint64_t batch = 0;     // 1, 2, ...: a batch was written after the one before was durable
  std::string_view body;       // into the bytes that were read
};

// Bytes that a frame with such a body takes, padding included.
constexpr std::size_t frame_size(std::size_t body) {
  return (kFrameHeader + body + kFrameAlign - 1) / kFrameAlign * kFrameAlign;
}

// Appends one frame whose body is the parts one after another.
void put_frame(std::string& out, FrameKind kind, bool closes_intent, std::uint64_t batch,
               std::initializer_list<std::string_view> body);

struct FrameRead {
  enum class What { kFrame, kEnd, kBad };
  What what = What::kEnd;
  Frame frame;           // kFrame
  std::size_t size = 0;  // kFrame: bytes to the next frame
  std::string reason;    // kBad
};
// Reads the frame at `offset` (a multiple of 8).
FrameRead read_frame(std::string_view bytes, std::size_t offset);

}  // namespace pawl::ledger
