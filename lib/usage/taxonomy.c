/* The taxonomy of usages: the one table everything else refers to. */
#include "base/base.h"

#include <ruralnet/usage.h>

#include <string.h>

#define JUDGED(u, i, n, c, j) [u] = {u, i, n, c, j, RNET_ROLE_JUDGED}
#define REPORTED(u, i, n, c) [u] = {u, i, n, c, "not judged", RNET_ROLE_REPORTED}

static const struct rnet_usage_info taxonomy[RNET_USAGE_COUNT] = {
    REPORTED(RNET_USAGE_UNKNOWN, "unknown", "unknown", "what could not be named"),
    JUDGED(RNET_USAGE_WEB, "web", "web", "browsing, web applications, search, news, administration, banking",
           "time until a page is complete"),
    JUDGED(RNET_USAGE_EMAIL, "email", "e-mail", "SMTP, IMAP, POP, Exchange", "time to fetch or send a message"),
    JUDGED(RNET_USAGE_VOIP, "voip", "voice calls", "SIP/RTP and voice calls of applications",
           "E-model R (ITU-T G.107)"),
    JUDGED(RNET_USAGE_VIDEOCONFERENCE, "videoconference", "video calls", "Zoom, Teams, Meet, Webex, Jitsi…",
           "rate both ways, delay, loss"),
    JUDGED(RNET_USAGE_MESSAGING, "messaging", "messaging", "chat", "delivery time"),
    JUDGED(RNET_USAGE_VIDEO_STREAMING, "video_streaming", "video streaming", "video on demand, e-learning, live",
           "start-up, stalls, sustained rate"),
    JUDGED(RNET_USAGE_AUDIO_STREAMING, "audio_streaming", "audio streaming", "music, radio", "start-up, stalls"),
    JUDGED(RNET_USAGE_FILE_TRANSFER, "file_transfer", "file transfer", "FTP, SFTP, large uploads and downloads",
           "completion time against size"),
    JUDGED(RNET_USAGE_CLOUD_SYNC, "cloud_sync", "cloud sync", "Dropbox, OneDrive, Drive…", "completion time"),
    JUDGED(RNET_USAGE_BACKUP, "backup", "backup", "off-site backup, replication", "fits in its window"),
    JUDGED(RNET_USAGE_REMOTE_DESKTOP, "remote_desktop", "remote desktop", "RDP, Citrix, VNC, TeamViewer, AnyDesk",
           "response time under load"),
    JUDGED(RNET_USAGE_VPN, "vpn", "VPN", "IPsec, OpenVPN, WireGuard, SSL VPN", "response time and sustained rate"),
    JUDGED(RNET_USAGE_FILE_SHARING, "file_sharing", "file sharing", "SMB, NFS, printing at a remote site",
           "operation time"),
    JUDGED(RNET_USAGE_BUSINESS_APP, "business_app", "business apps", "databases, ERP, directories, thin clients",
           "transaction time"),
    JUDGED(RNET_USAGE_SOFTWARE_UPDATE, "software_update", "software updates",
           "operating system and application updates", "done within its window"),
    JUDGED(RNET_USAGE_TELEMETRY, "telemetry", "telemetry", "IoT, card payment, MQTT, Modbus, SNMP",
           "transaction time, loss"),
    JUDGED(RNET_USAGE_VIDEO_SURVEILLANCE, "video_surveillance", "video surveillance", "cameras sending out",
           "sustained uplink rate, loss"),
    JUDGED(RNET_USAGE_SOCIAL, "social", "social networks", "social networks", "time until a page is complete"),
    JUDGED(RNET_USAGE_REMOTE_SHELL, "remote_shell", "remote shell", "SSH, telnet, interactive administration",
           "echo time"),
    REPORTED(RNET_USAGE_LEISURE, "leisure", "leisure", "games, peer-to-peer"),
    REPORTED(RNET_USAGE_NETWORK, "network", "network services", "DNS, DHCP, NTP, ICMP, discovery"),
};

const struct rnet_usage_info *
rnet_usage_info(enum rnet_usage usage)
{
    return &taxonomy[(unsigned)usage < RNET_USAGE_COUNT ? usage : RNET_USAGE_UNKNOWN];
}

enum rnet_status
rnet_usage_find(const char *id, enum rnet_usage *usage)
{
    for (int i = 0; i < RNET_USAGE_COUNT; i++) {
        if (strcmp(taxonomy[i].id, id) == 0) {
            *usage = taxonomy[i].usage;
            return RNET_OK;
        }
    }
    return RNET_ENOTFOUND;
}
