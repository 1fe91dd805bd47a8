#include "jobs/state_directory.hpp"
#include "support/catch.hpp"

#include <linux/magic.h>

using restpoint::jobs::network_file_system;

TEST_CASE("a network file system is known by its magic number", "[unit][jobs]") {
    CHECK(network_file_system(NFS_SUPER_MAGIC) == "NFS");
    CHECK(network_file_system(SMB_SUPER_MAGIC) == "SMB");
    CHECK(network_file_system(0xFF534D42U) == "SMB");  // CIFS_SUPER_MAGIC, newer headers
    CHECK(network_file_system(0xFE534D42U) == "SMB");  // SMB2_SUPER_MAGIC, newer headers
    CHECK(network_file_system(0x65735546U) == "FUSE"); // FUSE_SUPER_MAGIC, newer headers
    CHECK(network_file_system(V9FS_MAGIC) == "9p");
    CHECK(network_file_system(0x00C36400U) == "Ceph");
    CHECK(network_file_system(0x01161970U) == "GFS2");
    CHECK(network_file_system(0x0BD00BD0U) == "Lustre");
    CHECK(network_file_system(AFS_SUPER_MAGIC) == "AFS");
}

TEST_CASE("local file systems pass", "[unit][jobs]") {
    CHECK(network_file_system(EXT4_SUPER_MAGIC).empty());
    CHECK(network_file_system(XFS_SUPER_MAGIC).empty());
    CHECK(network_file_system(BTRFS_SUPER_MAGIC).empty());
    CHECK(network_file_system(TMPFS_MAGIC).empty());
    CHECK(network_file_system(OVERLAYFS_SUPER_MAGIC).empty());
    CHECK(network_file_system(0x2FC12FC1U).empty()); // ZFS
}
