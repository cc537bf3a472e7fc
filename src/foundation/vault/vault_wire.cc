#include "foundation/vault/vault_wire.h"

#include <algorithm>
#include <charconv>

#include "base/encoding.h"
#include "base/uuid.h"

namespace pawl::vault {
namespace {

constexpr std::string_view kObjectFormat = "pawl.vault/1";
constexpr std::string_view kKeyFormat = "pawl.vault-key/1";
constexpr std::string_view kErasedFormat = "pawl.vault-erased/1";
constexpr std::size_t kWrappedBytes = 12 + kKeyBytes + 16;  // nonce, key, tag
constexpr std::size_t kMaxArea = 16, kMaxRest = 128;
constexpr std::string_view kNotRecorded = "-";

bool all_of(std::string_view text, std::string_view allowed) {
  return text.find_first_not_of(allowed) == std::string_view::npos;
}

// Takes the texts of lines off the front of a file; the first wrong one is what is told.
class Lines {
 public:
  Lines(std::string_view file, std::string_view what) : rest_(file), what_(what) {}

  std::string_view line(std::string_view expected) {
    const std::size_t end = rest_.substr(0, kMaxHead).find('\n');
    if (end == std::string_view::npos) {
      wrong("cut off before its " + std::string(expected));
      return {};
    }
    const std::string_view found = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    taken_ += end + 1;
    return found;
  }
  void format(std::string_view known) {
    const std::string_view found = line("first line");
    const std::string_view family = known.substr(0, known.find('/') + 1);
    if (status_ && found != known) {
      const bool is_later = found.starts_with(family);
      status_ = fail(is_later ? Code::kUnsupported : Code::kMalformed,
                     std::string(is_later ? "is of another version" : "is no file of the vault") +
                         "; expected the first line " + std::string(known));
    }
  }
  std::string name(std::string_view expected) {
    const std::string_view found = line(expected);
    check(is_name(found), expected);
    return std::string(found);
  }
  std::string key_id() {
    const std::string_view found = line("key id");
    check(is_key_id(found), "key id");
    return std::string(found);
  }
  WallTime time() {
    const std::string_view found = line("time");
    WallTime out;
    const auto [end, error] = std::from_chars(found.data(), found.data() + found.size(), out.us);
    check(error == std::errc{} && end == found.data() + found.size() && out.us >= 0 &&
              std::to_string(out.us) == found,
          "time in microseconds");
    return out;
  }
  std::string bytes(std::size_t count, std::string_view expected) {
    Result<std::string> found = base64url_decode(line(expected));
    check(found && found->size() == count, expected);
    return status_ ? *std::move(found) : std::string();
  }
  void check(bool good, std::string_view expected) {
    if (!good) {
      wrong("its " + std::string(expected) + " does not read");
    }
  }
  void end() { check(rest_.empty(), "end: there is more"); }

  std::size_t taken() const { return taken_; }
  const Status& status() const { return status_; }

 private:
  void wrong(const std::string& why) {
    if (status_) {
      status_ = fail(Code::kMalformed, std::string(what_) + ": " + why);
    }
  }

  std::string_view rest_;
  std::string_view what_;
  std::size_t taken_ = 0;
  Status status_;
};

std::string lines(std::initializer_list<std::string_view> texts) {
  std::string out;
  for (const std::string_view text : texts) {
    out.append(text).append("\n");
  }
  return out;
}

}  // namespace

bool is_name(std::string_view name) {
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash > kMaxArea) {
    return false;
  }
  const std::string_view rest = name.substr(slash + 1);
  return all_of(name.substr(0, slash), "abcdefghijklmnopqrstuvwxyz") && !rest.empty() &&
         rest.size() <= kMaxRest && rest.front() != '.' &&
         all_of(rest, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
}

bool is_key_id(std::string_view text) {
  return text.size() == kKeyIdText && base64url_decode(text).has_value();
}

std::string print_unwrapped(const ObjectHead& head) {
  return lines(
      {kObjectFormat, head.name, head.retention, head.key_id, std::to_string(head.made.us)});
}

std::string print_head(const ObjectHead& head) {
  return print_unwrapped(head) + base64url_encode(head.wrapped) + "\n";
}

Result<ReadHead> read_head(std::string_view file) {
  Lines in(file, "object");
  ReadHead out;
  in.format(kObjectFormat);
  out.head.name = in.name("name");
  out.head.retention = in.name("retention");
  out.head.key_id = in.key_id();
  out.head.made = in.time();
  out.head.wrapped = in.bytes(kWrappedBytes, "wrapped key");
  out.size = in.taken();
  in.check(out.size <= kMaxHead, "head");
  return in.status() ? Result<ReadHead>(std::move(out)) : fail(in.status().error());
}

std::string print_key_file(const KeyFile& key) {
  return lines(
      {kKeyFormat, key.id, key.retention, std::to_string(key.made.us), base64url_encode(key.key)});
}

Result<KeyFile> read_key_file(std::string_view text) {
  Lines in(text, "vault key");
  KeyFile out;
  in.format(kKeyFormat);
  out.id = in.key_id();
  out.retention = in.name("retention");
  out.made = in.time();
  out.key = in.bytes(kKeyBytes, "key");
  in.end();
  return in.status() ? Result<KeyFile>(std::move(out)) : fail(in.status().error());
}

std::string print_erasure(const Erasure& erasure) {
  return lines({kErasedFormat, erasure.key_id, erasure.retention,
                std::to_string(erasure.ordered.us),
                erasure.record.empty() ? kNotRecorded : std::string_view(erasure.record)});
}

Result<Erasure> read_erasure(std::string_view text) {
  Lines in(text, "erasure");
  Erasure out;
  in.format(kErasedFormat);
  out.key_id = in.key_id();
  out.retention = in.name("retention");
  out.ordered = in.time();
  const std::string_view record = in.line("record");
  const Result<Uuid> id = Uuid::parse(record);
  in.check(record == kNotRecorded || (id && id->text() == record), "record");
  out.record = record == kNotRecorded ? std::string() : std::string(record);
  in.end();
  return in.status() ? Result<Erasure>(std::move(out)) : fail(in.status().error());
}

}  // namespace pawl::vault
