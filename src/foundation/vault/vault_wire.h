// The texts of the vault's files: objects, keys and erasures.
//
// Purpose:    parse and print, nothing else; what a text is worth is for vault.h.
// Threading:  pure functions.
// Errors:     kMalformed (cut off, other bytes than printed, a bad name), kUnsupported (a format of
// a
//             later version).
// Rule:       one text for one value: what parses prints as the same bytes.
// Source:     docs/formats/vault.md.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace pawl::vault {

inline constexpr std::size_t kKeyBytes = 32;
inline constexpr std::size_t kKeyIdText = 22;  // characters: 16 bytes
inline constexpr std::size_t kMaxContent = std::size_t{16} << 20;
inline constexpr std::size_t kMaxHead = 1024;  // of an object; key files and erasures are smaller

// AREA/REST: AREA of 1 to 16 a-z, REST 1 to 128 of A-Z a-z 0-9 . _ -, not beginning with a dot.
bool is_name(std::string_view name);
bool is_key_id(std::string_view text);

// What stands in the clear before an object's sealed content.
struct ObjectHead {
  std::string name;       // "secret/search-token"
  std::string retention;  // what is erased together; its key is `key_id`
  std::string key_id;
  WallTime made;
  std::string wrapped;  // the object key, sealed with the retention key; bytes
};
// What the object key is bound to: the head without `wrapped`.
std::string print_unwrapped(const ObjectHead& head);
std::string print_head(const ObjectHead& head);
// Reads the head at the start of `file`; `size` is its length. A whole object, or its first
// kMaxHead bytes.
struct ReadHead {
  ObjectHead head;
  std::size_t size = 0;
};
Result<ReadHead> read_head(std::string_view file);

struct KeyFile {
  std::string id;
  std::string retention;
  WallTime made;
  std::string key;  // kKeyBytes bytes
};
std::string print_key_file(const KeyFile& key);
Result<KeyFile> read_key_file(std::string_view text);

// A key that is destroyed, or will be: nothing opens with it any more.
struct Erasure {
  std::string key_id;
  std::string retention;
  WallTime ordered;
  std::string record;  // id of the audit.erasure record; empty: not recorded yet
};
std::string print_erasure(const Erasure& erasure);
Result<Erasure> read_erasure(std::string_view text);

}  // namespace pawl::vault
