// A fixed block of bytes between a socket and a parser.
// Threading: a plain object. Example: read into space(), added(n), parse data(), consume(n).
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace pawl::http {

class ReadBuffer {
 public:
  explicit ReadBuffer(std::size_t capacity) : bytes_(new char[capacity]), capacity_(capacity) {}

  std::string_view data() const { return {bytes_.get() + begin_, end_ - begin_}; }
  bool empty() const { return begin_ == end_; }
  bool full() const { return end_ - begin_ == capacity_; }
  char* space() {
    if (begin_ > 0) {
      std::memmove(bytes_.get(), bytes_.get() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    return bytes_.get() + end_;
  }
  std::size_t space_size() const { return capacity_ - end_; }  // after space()
  void added(std::size_t count) { end_ += count; }
  void consume(std::size_t count) {
    begin_ += count;
    if (begin_ == end_) {
      begin_ = end_ = 0;
    }
  }
  void clear() { begin_ = end_ = 0; }

 private:
  std::unique_ptr<char[]> bytes_;
  const std::size_t capacity_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace pawl::http
