// The vault's files. Input: a file, a content, then an edit of three bytes (support/keys.h) of an
// object that holds the content, and of its key file.
#include "foundation/vault/vault.h"

#include "fuzz/support/fuzz.h"
#include "fuzz/support/keys.h"

namespace pawl::vault {
namespace {

constexpr WallTime kNow{1'772'874'000'000'000};
const std::string kName = "secret/search-token";

const KeyFile& fixed_key() {
  static const KeyFile key = [] {
    KeyFile made{"", kName, kNow, std::string(kKeyBytes, 'k')};
    made.id = check_value(made);
    return made;
  }();
  return key;
}

void check_texts(std::string_view text) {
  if (const auto head = read_head(text)) {
    FUZZ_CHECK(print_head(head->head) == text.substr(0, head->size), "a head has one spelling");
  }
  if (const auto key = read_key_file(text)) {
    FUZZ_CHECK(print_key_file(*key) == text, "a key file has one spelling");
  }
  if (const auto erasure = read_erasure(text)) {
    FUZZ_CHECK(print_erasure(*erasure) == text, "an erasure has one spelling");
  }
  FUZZ_CHECK(!open_object(fixed_key(), kName, text), "what was not sealed does not open");
}

void check_sealed(std::string_view content, std::string_view edit) {
  const std::string object = seal_object(fixed_key(), kName, kNow, content, system_random());
  FUZZ_CHECK(open_object(fixed_key(), kName, object) == std::string(content), "it opens as it was");
  const std::string other = fuzz::altered(object, edit);
  FUZZ_CHECK(other == object || !open_object(fixed_key(), kName, other), "altered: refused");
  const std::string key_file = print_key_file(fixed_key());
  const std::string other_key = fuzz::altered(key_file, edit);
  const Result<KeyFile> read = read_key_file(other_key);
  FUZZ_CHECK(other_key == key_file || !read || !check_key(*read), "an altered key is told");
}

}  // namespace
}  // namespace pawl::vault

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto [file, content, edit] = pawl::fuzz::parts<3>(pawl::fuzz::view(data, size));
  pawl::vault::check_texts(file);
  pawl::vault::check_sealed(content, edit);
  return 0;
}
