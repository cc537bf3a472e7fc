// Takes a secret out of memory before the memory is used for something else.
//
// Threading:  the text's owner.
// Limits:     copies that the program or the library made before are not found.
#pragma once

#include <string>

namespace pawl {

// Empty afterwards.
void wipe(std::string& secret);

// Wipes when it goes out of scope.
class WipedAtEnd {
 public:
  explicit WipedAtEnd(std::string& secret) : secret_(secret) {}
  ~WipedAtEnd() { wipe(secret_); }
  WipedAtEnd(const WipedAtEnd&) = delete;
  WipedAtEnd& operator=(const WipedAtEnd&) = delete;

 private:
  std::string& secret_;
};

}  // namespace pawl
