# CMake's toolchain file: clang for the platform TARGETARCH (amd64, arm64), with the headers and libraries of the Debian
# packages in /sysroot. It makes every build a cross build, that for this machine's platform too: CMake runs nothing that it
# builds.
if("$ENV{TARGETARCH}" STREQUAL "amd64")
    set(CMAKE_SYSTEM_PROCESSOR x86_64)
elseif("$ENV{TARGETARCH}" STREQUAL "arm64")
    set(CMAKE_SYSTEM_PROCESSOR aarch64)
else()
    message(FATAL_ERROR "no compiler for TARGETARCH=$ENV{TARGETARCH}: add it to dockerfiles/cmake/toolchain.cmake")
endif()
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_LIBRARY_ARCHITECTURE ${CMAKE_SYSTEM_PROCESSOR}-linux-gnu)
set(CMAKE_SYSROOT /sysroot)

set(CMAKE_C_COMPILER clang)
set(CMAKE_CXX_COMPILER clang++)
set(CMAKE_C_COMPILER_TARGET ${CMAKE_LIBRARY_ARCHITECTURE})
set(CMAKE_CXX_COMPILER_TARGET ${CMAKE_LIBRARY_ARCHITECTURE})
foreach(kind EXE SHARED MODULE)
    set(CMAKE_${kind}_LINKER_FLAGS_INIT "-fuse-ld=lld -Wl,--as-needed,-z,relro,-z,now,-z,noexecstack")
endforeach()

# Programs that the build runs are this machine's; libraries and headers are the target's.
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
foreach(kind LIBRARY INCLUDE PACKAGE)
    set(CMAKE_FIND_ROOT_PATH_MODE_${kind} ONLY)
endforeach()
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${CMAKE_SYSROOT})
set(ENV{PKG_CONFIG_LIBDIR} ${CMAKE_SYSROOT}/usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/pkgconfig:${CMAKE_SYSROOT}/usr/share/pkgconfig)

# Hardening. Paths in programs are those of the repository.
set(flags "-D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection -ffile-prefix-map=/src=. -ffile-prefix-map=/build=.")
set(CMAKE_C_FLAGS_INIT ${flags})
set(CMAKE_CXX_FLAGS_INIT ${flags})
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# The image has no tests, and its programs no paths of this machine to look for libraries in.
set(BUILD_TESTING OFF)
set(CMAKE_SKIP_BUILD_RPATH ON)
