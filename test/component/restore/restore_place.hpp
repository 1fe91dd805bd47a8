// A cluster of plain files, with a pgbackrest and a postgres that are scripts: a restore of it goes as
// far as its first question to a server, which is as far as its way back.
#pragma once

#include "restore/perform.hpp"
#include "support/catch.hpp"
#include "unit/restore/temporary_folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>

namespace restpoint::restore::test {

/// What a restore tells goes nowhere.
class silence {
  public:
    silence() : before_(::dup(STDOUT_FILENO)) {
        std::fflush(stdout);
        const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
        ::dup2(nowhere, STDOUT_FILENO);
        ::close(nowhere);
    }
    ~silence() {
        ::dup2(before_, STDOUT_FILENO);
        ::close(before_);
    }
    silence(const silence&) = delete;
    silence& operator=(const silence&) = delete;

  private:
    int before_;
};

class restore_place {
  public:
    restore_place() {
        files.write("pg/data/PG_VERSION", "15\n");
        files.write("pg/data/base/which", "the old cluster");
        files.write("pg/data/pg_hba.conf", "local all all peer\n");
        std::filesystem::create_directory(data() / "pg_wal");
        files.write("pgbackrest.conf", "[main]\n");
        script("pgbackrest", R"(log="$(dirname "$0")/calls"
for a in "$@"; do
  case "$a" in
    --pg1-path=*) into="${a#*=}" ;;
    --set=*) set="${a#*=}" ;;
  esac
done
echo "$*" >> "$log"
case " $* " in
  *" repo-ls "*) echo '{}' ;;
  *" restore ")
    find "$into" -mindepth 1 -maxdepth 1 ! -type l -exec rm -rf {} +
    mkdir -p "$into/pg_wal" "$into/base"
    echo 15 > "$into/PG_VERSION"
    printf %s "$set" > "$into/base/which" ;;
esac
)");
        script("bin/postgres", "exit 1\n");
    }

    [[nodiscard]] std::filesystem::path data() const { return files / "pg/data"; }
    [[nodiscard]] std::filesystem::path root() const { return files / "pg/data.restpoint"; }

    [[nodiscard]] order restore_order() const {
        order made;
        made.stanza = "main";
        made.data = data();
        made.to = {.kind = target_kind::immediate};
        made.archive = "15-1";
        made.timeline = 1;
        made.set = "20261122-064250F";
        made.version = "15";
        made.back_set = "20261121-064250F";
        made.back_timeline = 1;
        made.start = false;
        made.folder = "job";
        return made;
    }
    /// Of a restore that was committed, whose files are laid out here: what it kept says that it is
    /// the cluster before it.
    [[nodiscard]] order undo_order() const {
        write_journal("earlier", {{entry_word::done, "committed"}});
        files.write("pg/data.restpoint/earlier/previous/PG_VERSION", "15\n");
        files.write("pg/data.restpoint/earlier/previous/base/which", "the one before");
        std::filesystem::create_directory(root() / "earlier/previous/pg_wal");
        auto made = restore_order();
        made.what = errand::undo;
        made.of = "earlier";
        return made;
    }

    [[nodiscard]] work_options options() const {
        work_options how;
        how.invocation = {
            .binary = files / "pgbackrest", .config = files / "pgbackrest.conf", .stanza = "main"};
        how.environment = {"PATH=/usr/bin:/bin"};
        how.live.socket_dir = (files / "no server").native();
        how.control.form = postgres::control_form::command;
        how.control.data_dir = data();
        how.control.start_command = "exit 1";
        how.control.stop_command = "exit 1";
        how.bin_dir = files / "bin";
        return how;
    }
    [[nodiscard]] performance carry_out(const order& what, wish asked = wish::go_on) const {
        const silence none;
        return perform(what, options(), asked);
    }

    /// A journal as a job that was killed has left it.
    void write_journal(const std::string& folder, const std::vector<entry>& entries) const {
        auto of = restore_order();
        of.folder = folder;
        write_journal(of, entries);
    }
    void write_journal(const order& of, const std::vector<entry>& entries) const {
        std::filesystem::create_directories(root() / of.folder);
        auto notes = journal::open(root() / of.folder, to_json(of)).value();
        for (const auto& one : entries) {
            REQUIRE(notes.write(one).has_value());
        }
    }
    [[nodiscard]] history journal_of(const std::string& folder) const {
        return journal::read(root() / folder).value().steps;
    }

    void script(const std::string& name, const std::string& text) const {
        const auto file = files.write(name, "#!/bin/sh\n" + text);
        std::filesystem::permissions(file, std::filesystem::perms::owner_all);
    }
    /// Which cluster is the live one.
    [[nodiscard]] std::string live() const { return files.read("pg/data/base/which"); }
    [[nodiscard]] std::string calls() const { return files.read("calls"); }

    test::temporary_folder files = {};
};

/// A segment of a megabyte that holds what its name says.
inline std::string segment(std::uint64_t number) {
    constexpr std::uint64_t bytes = 1U << 20U;
    std::string content(bytes, '\0');
    const std::uint64_t address = number * bytes;
    std::memcpy(content.data() + 8, &address, sizeof address);
    return content;
}

} // namespace restpoint::restore::test
