#include "foundation/rules/key_table.h"

#include <bit>
#include <cstring>
#include <functional>
#include <set>

namespace pawl::rules {
namespace {

constexpr std::uint64_t kMultiplier = 0x9E3779B97F4A7C15;

// The first bytes of a text that has as many.
template <class Word>
std::uint64_t first_word(std::string_view text) {
  Word word = 0;
  // NOLINTNEXTLINE(bugprone-suspicious-stringview-data-usage): its size is the contract above.
  std::memcpy(&word, text.data(), sizeof(word));
  return word;
}

// At most eight bytes; the middle ones may be read twice.
std::uint64_t short_word(std::string_view text) {
  const std::size_t size = text.size();
  if (size >= 4) {
    return first_word<std::uint32_t>(text) | first_word<std::uint32_t>(text.substr(size - 4)) << 32;
  }
  std::uint64_t word = 0;
  for (const char c : text) {
    word = word << 8 | static_cast<unsigned char>(c);
  }
  return word;
}

// The hashes of a text's starts, or ends, at ascending lengths: eight bytes at once, and each byte
// once for all lengths but for a rest below nine.
class GrowingHash {
 public:
  GrowingHash(std::string_view text, KeyTable::Side side) : text_(text), side_(side) {}

  std::uint64_t at(std::size_t length) {
    for (; read_ + 8 < length; read_ += 8) {
      hash_ = mixed(first_word<std::uint64_t>(part(read_ + 8, 8)));
    }
    return mixed(short_word(part(length, length - read_)) + length);
  }

 private:
  // The last `size` bytes of the start of `length`, or the first ones of such an end.
  std::string_view part(std::size_t length, std::size_t size) const {
    return text_.substr(side_ == KeyTable::Side::kEnd ? text_.size() - length : length - size,
                        size);
  }
  std::uint64_t mixed(std::uint64_t word) const {
    return (hash_ ^ (hash_ >> 32) ^ word) * kMultiplier;
  }

  std::string_view text_;
  KeyTable::Side side_;
  std::size_t read_ = 0;
  std::uint64_t hash_ = 0;
};

std::uint64_t hash_of(std::string_view key, KeyTable::Side side) {
  return side == KeyTable::Side::kWhole ? std::hash<std::string_view>{}(key)
                                        : GrowingHash(key, side).at(key.size());
}

// The upper half: the lower bits of a product depend on the lower bits of its factors only.
std::uint32_t tag_of(std::uint64_t hash) {
  return static_cast<std::uint32_t>((hash ^ (hash >> 29)) * kMultiplier >> 32);
}

}  // namespace

NameId KeyTable::name(std::string_view key, NameId next) {
  NameId& name = building_[std::string(key)].name;
  name = name == 0 ? next : name;
  return name;
}

void KeyTable::put(const std::string& key, const Building& value) {
  const std::size_t mask = slots_.size() - 1;
  const std::uint32_t tag = tag_of(hash_of(key, side_));
  std::size_t at = tag & mask;
  while (slots_[at].node != 0) {
    at = (at + 1) & mask;
  }
  slots_[at] = {tag, static_cast<std::uint32_t>(memory_.size())};
  const Node node{static_cast<std::uint32_t>(key.size()),
                  static_cast<std::uint32_t>(value.postings.size()), value.name, 0};
  const std::size_t text_units = (key.size() + sizeof(Posting) - 1) / sizeof(Posting);
  std::size_t end = memory_.size() + sizeof(Node) / sizeof(Posting);
  memory_.resize(end + value.postings.size() + text_units);
  std::memcpy(&memory_[slots_[at].node], &node, sizeof(node));
  for (const Posting& posting : value.postings) {
    memory_[end++] = posting;
  }
  if (!key.empty()) {
    std::memcpy(memory_.data() + end, key.data(), key.size());
  }
}

void KeyTable::build() {
  if (building_.empty()) {
    return;
  }
  slots_.resize(std::bit_ceil(2 * building_.size()));
  memory_.resize(1);  // node 0 is no node
  std::set<std::uint32_t> lengths;
  for (const auto& [key, value] : building_) {
    put(key, value);
    lengths.insert(static_cast<std::uint32_t>(key.size()));
  }
  lengths_.assign(lengths.begin(), lengths.end());
  memory_.shrink_to_fit();
  building_.clear();
}

Postings KeyTable::look_up(std::uint64_t hash, std::string_view key) const {
  const std::size_t mask = slots_.size() - 1;
  const std::uint32_t tag = tag_of(hash);
  for (std::size_t at = tag & mask; slots_[at].node != 0; at = (at + 1) & mask) {
    if (slots_[at].tag != tag) {
      continue;
    }
    const Posting* const start = memory_.data() + slots_[at].node;
    Node node{};
    std::memcpy(&node, start, sizeof(node));
    const Posting* const first = start + sizeof(Node) / sizeof(Posting);
    if (node.text_size == key.size() &&
        std::memcmp(first + node.count, key.data(), key.size()) == 0) {
      return {first, node.count, node.name};
    }
  }
  return {};
}

Postings KeyTable::at(std::string_view text) const {
  return slots_.empty() ? Postings() : look_up(hash_of(text, side_), text);
}

void KeyTable::find(std::string_view text, std::vector<Postings>& out) const {
  GrowingHash hash(text, side_);
  for (const std::uint32_t length : lengths_) {
    if (length > text.size()) {
      break;
    }
    const std::string_view key =
        side_ == Side::kStart ? text.substr(0, length) : text.substr(text.size() - length);
    if (const Postings found = look_up(hash.at(length), key); found.count != 0) {
      out.push_back(found);
    }
  }
}

}  // namespace pawl::rules
