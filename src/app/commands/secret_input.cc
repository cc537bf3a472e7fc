#include "app/commands/secret_input.h"

#include <istream>

#include "foundation/crypto/wipe.h"

namespace pawl {

Result<std::string> read_secret(Context& context, std::string_view example) {
  if (context.io.in_terminal) {
    return fail(Code::kInvalidParams,
                "standard input is a terminal, which would show the secret; expected it from a "
                "file or a pipe: " +
                    std::string(example));
  }
  std::string secret(kMaxSecret + 1, '\0');
  context.io.in.read(secret.data(), static_cast<std::streamsize>(secret.size()));
  secret.resize(static_cast<std::size_t>(context.io.in.gcount()));
  if (secret.size() > kMaxSecret) {
    wipe(secret);
    return fail(Code::kTooLarge, "a secret has at most 64 KiB");
  }
  if (secret.ends_with('\n')) {
    secret.pop_back();
    if (secret.ends_with('\r')) {
      secret.pop_back();
    }
  }
  return secret.empty() ? Result<std::string>(fail(Code::kInvalidParams,
                                                   "nothing came on standard input; expected the "
                                                   "secret"))
                        : Result<std::string>(std::move(secret));
}

}  // namespace pawl
