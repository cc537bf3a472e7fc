#include "app/commands/token_input.h"

#include <istream>

namespace pawl {

Result<std::string> read_input(Context& context, const std::string& path, std::size_t most) {
  if (path != "-") {
    return read_file(context.files, path, most);
  }
  std::string text(most + 1, '\0');
  context.io.in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(context.io.in.gcount()));
  return text.size() > most ? Result<std::string>(fail(Code::kTooLarge, "standard input: too long"))
                            : text;
}

int report_token(Context& context, const Error& error) {
  const bool does_not_hold =
      error.code == Code::kTokenInvalid && !error.message.starts_with("unknown_key: ");
  return report(context, error, does_not_hold ? kExitBad : kExitUnclear);
}

}  // namespace pawl
