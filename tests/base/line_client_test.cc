#include "base/os/line_client.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <functional>
#include <optional>
#include <thread>

namespace pawl {
namespace {

using namespace std::chrono_literals;

// Answers connection after connection as its script says.
class PlayedEnd {
 public:
  using Script = std::function<void(int connection)>;
  explicit PlayedEnd(std::vector<Script> scripts) {
    folder_ = std::filesystem::temp_directory_path() / "pawl-line-XXXXXX";
    std::string name = folder_.string();
    folder_ = ::mkdtemp(name.data());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path().copy(address.sun_path, sizeof address.sun_path - 1);
    listener_ = ::socket(AF_UNIX, SOCK_STREAM, 0);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_, 8), 0);
    thread_ = std::thread([this, scripts = std::move(scripts)] {
      for (const Script& script : scripts) {
        const int connection = ::accept(listener_, nullptr, nullptr);
        script(connection);
        ::close(connection);
      }
    });
  }
  ~PlayedEnd() {
    thread_.join();
    ::close(listener_);
    std::filesystem::remove_all(folder_);
  }
  std::string path() const { return folder_ / "s"; }

 private:
  std::filesystem::path folder_;
  int listener_ = -1;
  std::thread thread_;
};

// What was asked, up to its line end; empty at the end.
std::string hear(int connection) {
  std::string line;
  char c = 0;
  while (::read(connection, &c, 1) == 1 && c != '\n') {
    line += c;
  }
  return line;
}
void say(int connection, const std::string& text) {
  EXPECT_EQ(::send(connection, text.data(), text.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(text.size()));
}

std::string outcome(const Result<std::string>& answer) {
  return answer ? *answer : std::string(code_name(answer.error().code));
}

TEST(LineClient, OneConnectionForManyQuestions) {
  PlayedEnd end({[](int connection) {
    for (std::string line = hear(connection); !line.empty(); line = hear(connection)) {
      say(connection, "<" + line + ">\n");
    }
  }});
  LineClient client(end.path(), 10s, 1 << 20);
  for (const std::string& line : {std::string("a"), std::string(100'000, 'b'), std::string("c")}) {
    EXPECT_EQ(outcome(client.ask(line)), "<" + line + ">");
  }
}

TEST(LineClient, ConnectsAgainWhereTheOtherEndWasStartedAnew) {
  const auto once = [](int connection) { say(connection, hear(connection) + "!\n"); };
  PlayedEnd end({once, once, once});
  LineClient client(end.path(), 10s, 100);
  EXPECT_EQ(outcome(client.ask("a")), "a!");
  EXPECT_EQ(outcome(client.ask("b")), "b!");
  EXPECT_EQ(outcome(client.ask("c")), "c!");
}

TEST(LineClient, SaysWhatIsWrong) {
  {
    LineClient nobody("/nonexistent/socket", 10s, 100);
    EXPECT_EQ(outcome(nobody.ask("a")), "upstream_unavailable");
    LineClient long_path(std::string(200, 'x'), 10s, 100);
    EXPECT_EQ(outcome(long_path.ask("a")), "invalid_params");
  }
  {
    PlayedEnd silent({[](int connection) {
      hear(connection);
      hear(connection);  // until the client goes
    }});
    LineClient client(silent.path(), 50ms, 100);
    EXPECT_EQ(outcome(client.ask("a")), "deadline_exceeded");
  }
  {
    PlayedEnd endless({[](int connection) {
      hear(connection);
      say(connection, std::string(1000, 'x'));
      hear(connection);
    }});
    LineClient client(endless.path(), 10s, 100);
    EXPECT_EQ(outcome(client.ask("a")), "too_large");
  }
  {
    PlayedEnd hasty({[](int) {}});
    LineClient client(hasty.path(), 10s, 100);
    EXPECT_EQ(outcome(client.ask("a")), "io");
  }
}

TEST(LineClient, ALookTellsThatNobodyListensWithoutAQuestion) {
  std::optional<PlayedEnd> end;
  end.emplace(std::vector<PlayedEnd::Script>{
      [](int connection) { say(connection, "<" + hear(connection) + ">\n"); }});
  LineClient client(end->path(), 10s, 1 << 20);
  EXPECT_TRUE(client.look()) << "it connects";
  EXPECT_EQ(outcome(client.ask("a")), "<a>");
  end.reset();
  const Status gone = client.look();
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, Code::kUpstreamUnavailable);
}

}  // namespace
}  // namespace pawl
