#include "infrastructure/net/socket_address.h"

#include <gtest/gtest.h>

namespace pawl {
namespace {

TEST(SocketAddress, ReadsItsTextForms) {
  const struct {
    const char* text;
    bool good;
  } cases[] = {
      {"127.0.0.1:7700", true},
      {"0.0.0.0:0", true},
      {"[::1]:7700", true},
      {"unix:/run/pawl.sock", true},
      {"", false},
      {"127.0.0.1", false},
      {"127.0.0.1:", false},
      {"127.0.0.1:65536", false},
      {"127.0.0.1:-1", false},
      {"127.0.0.1:80x", false},
      {"::1:80", false},
      {"[127.0.0.1]:80", false},
      {"localhost:80", false},
      {"unix:", false},
  };
  for (const auto& c : cases) {
    const Result<SocketAddress> address = SocketAddress::parse(c.text);
    EXPECT_EQ(address.has_value(), c.good) << c.text;
    if (address) {
      EXPECT_EQ(address->text(), c.text);
    } else {
      EXPECT_EQ(address.error().code, Code::kInvalidParams) << c.text;
    }
  }
  EXPECT_FALSE(SocketAddress::parse("unix:/" + std::string(200, 'x')));
}

}  // namespace
}  // namespace pawl
