#include "foundation/rules/key_table.h"

#include <bit>
#include <cstring>
#include <functional>
#include <set>

namespace pawl::rules {
namespace {

constexpr std::uint64_t kMultiplier = 0x9E3779B97F4A7C15;

// The hash of a start or end grows byte by byte, so that one pass gives it at every length.
constexpr std::uint64_t grown(std::uint64_t hash, char byte) {
  return (hash + static_cast<unsigned char>(byte) + 1) * kMultiplier;
}

std::uint64_t hash_of(std::string_view key, KeyTable::Side side) {
  if (side == KeyTable::Side::kWhole) {
    return std::hash<std::string_view>{}(key);
  }
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i < key.size(); ++i) {
    hash = grown(hash, side == KeyTable::Side::kStart ? key[i] : key[key.size() - 1 - i]);
  }
  return hash;
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
    Node node;
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
  std::uint64_t hash = 0;
  std::size_t hashed = 0;
  for (const std::uint32_t length : lengths_) {
    if (length > text.size()) {
      break;
    }
    for (; hashed < length; ++hashed) {
      hash = grown(hash, side_ == Side::kStart ? text[hashed] : text[text.size() - 1 - hashed]);
    }
    const std::string_view key =
        side_ == Side::kStart ? text.substr(0, length) : text.substr(text.size() - length);
    if (const Postings found = look_up(hash, key); found.count != 0) {
      out.push_back(found);
    }
  }
}

}  // namespace pawl::rules
