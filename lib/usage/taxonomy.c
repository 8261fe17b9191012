/* The taxonomy of usages: the one table everything else refers to. */
#include "base/base.h"

#include <ruralnet/usage.h>

#include <string.h>

#define JUDGED(u, i, n, c, j) [u] = {u, i, n, c, j, RNET_ROLE_JUDGED}
#define REPORTED(u, i, n, c) [u] = {u, i, n, c, N_("not judged"), RNET_ROLE_REPORTED}

static const struct rnet_usage_info taxonomy[RNET_USAGE_COUNT] = {
    REPORTED(RNET_USAGE_UNKNOWN, "unknown", N_("unknown"), N_("what could not be named")),
    JUDGED(RNET_USAGE_WEB, "web", N_("web"),
           N_("browsing, web applications, search, news, administration, banking"),
           N_("time until a page is complete")),
    JUDGED(RNET_USAGE_EMAIL, "email", N_("e-mail"), N_("SMTP, IMAP, POP, Exchange"),
           N_("time to fetch or send a message")),
    JUDGED(RNET_USAGE_VOIP, "voip", N_("voice calls"),
           N_("SIP/RTP and voice calls of applications"), N_("E-model R (ITU-T G.107)")),
    JUDGED(RNET_USAGE_VIDEOCONFERENCE, "videoconference", N_("video calls"),
           N_("Zoom, Teams, Meet, Webex, Jitsi…"), N_("rate both ways, delay, loss")),
    JUDGED(RNET_USAGE_MESSAGING, "messaging", N_("messaging"), N_("chat"), N_("delivery time")),
    JUDGED(RNET_USAGE_VIDEO_STREAMING, "video_streaming", N_("video streaming"),
           N_("video on demand, e-learning, live"), N_("start-up, stalls, sustained rate")),
    JUDGED(RNET_USAGE_AUDIO_STREAMING, "audio_streaming", N_("audio streaming"), N_("music, radio"),
           N_("start-up, stalls")),
    JUDGED(RNET_USAGE_FILE_TRANSFER, "file_transfer", N_("file transfer"),
           N_("FTP, SFTP, large uploads and downloads"), N_("completion time against size")),
    JUDGED(RNET_USAGE_CLOUD_SYNC, "cloud_sync", N_("cloud sync"), N_("Dropbox, OneDrive, Drive…"),
           N_("completion time")),
    JUDGED(RNET_USAGE_BACKUP, "backup", N_("backup"), N_("off-site backup, replication"),
           N_("fits in its window")),
    JUDGED(RNET_USAGE_REMOTE_DESKTOP, "remote_desktop", N_("remote desktop"),
           N_("RDP, Citrix, VNC, TeamViewer, AnyDesk"), N_("response time under load")),
    JUDGED(RNET_USAGE_VPN, "vpn", N_("VPN"), N_("IPsec, OpenVPN, WireGuard, SSL VPN"),
           N_("response time and sustained rate")),
    JUDGED(RNET_USAGE_FILE_SHARING, "file_sharing", N_("file sharing"),
           N_("SMB, NFS, printing at a remote site"), N_("operation time")),
    JUDGED(RNET_USAGE_BUSINESS_APP, "business_app", N_("business apps"),
           N_("databases, ERP, directories, thin clients"), N_("transaction time")),
    JUDGED(RNET_USAGE_SOFTWARE_UPDATE, "software_update", N_("software updates"),
           N_("operating system and application updates"), N_("done within its window")),
    JUDGED(RNET_USAGE_TELEMETRY, "telemetry", N_("telemetry"),
           N_("IoT, card payment, MQTT, Modbus, SNMP"), N_("transaction time, loss")),
    JUDGED(RNET_USAGE_VIDEO_SURVEILLANCE, "video_surveillance", N_("video surveillance"),
           N_("cameras sending out"), N_("sustained uplink rate, loss")),
    JUDGED(RNET_USAGE_SOCIAL, "social", N_("social networks"), N_("social networks"),
           N_("time until a page is complete")),
    JUDGED(RNET_USAGE_REMOTE_SHELL, "remote_shell", N_("remote shell"),
           N_("SSH, telnet, interactive administration"), N_("echo time")),
    REPORTED(RNET_USAGE_LEISURE, "leisure", N_("leisure"), N_("games, peer-to-peer")),
    REPORTED(RNET_USAGE_NETWORK, "network", N_("network services"),
             N_("DNS, DHCP, NTP, ICMP, discovery")),
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
