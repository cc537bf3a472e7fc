// Answers those who ask for signatures: one line in, one line out.
//
// Purpose:    the signer's process without its socket (docs/formats/signer.md).
// Threading:  one thread.
// Ownership:  keys, clock and files outlive it.
// Errors:     none to the caller: a line that is no request, and a text that is not signed, have an
//             answer that says why. open(): kMalformed, kIo (the heads that were kept).
// State:      the newest head of each log that was signed is kept in a file, at most once a second
//             and at the end, so that a restart does not forget it.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/files.h"
#include "foundation/keys/keystore.h"
#include "foundation/signer/signable.h"

namespace pawl::signer {

class SignerDesk {
 public:
  struct Parts {
    Files& files;
    Clock& clock;
    const Keystore& keys;
    std::string issuer, origin;
    std::string heads_file;
  };
  static Result<SignerDesk> open(Parts parts);

  std::string answer(std::string_view line);
  // Keeps the heads that are new since the last time.
  Status keep();

  struct Counters {
    std::uint64_t records = 0, checkpoints = 0, refused = 0;
  };
  const Counters& counters() const { return counters_; }

 private:
  explicit SignerDesk(Parts parts);
  Status read_heads();
  Result<std::string> sign(std::string_view line);

  Parts parts_;
  Signable signable_;
  Counters counters_;
  bool is_kept_ = true;
};

}  // namespace pawl::signer
