// What one non-blocking read or write did.
// Threading: plain value.
#pragma once

#include <cstddef>

namespace pawl {

enum class IoState {
  kDone,            // `bytes` were moved, at least one
  kBlocked,         // nothing; wait until the descriptor is ready in the direction of the call
  kBlockedOnRead,   // TLS: a write that waits for the peer's bytes
  kBlockedOnWrite,  // TLS: a read that must write first
  kEnd,             // the peer closed its side in order
  kFailed,          // the connection is broken
};

struct Io {
  IoState state = IoState::kFailed;
  std::size_t bytes = 0;
};

}  // namespace pawl
