// Prints what the microphone hears: per buffer its number, bytes, first and last sample; setting lines come over serial.
#include <PDM.h>

static int16_t samples[1024];
static volatile int bytes = 0;
static volatile int buffers = 0;
static bool reads = true;

static void onSound() {
  if (!reads) return;
  bytes = PDM.read(samples, PDM.available());
  buffers = buffers + 1;
}

void setup() {
  Serial.begin(115200);
  Serial.println(PDM.begin(1, 8000));
  Serial.println(PDM.begin(3, 16000));
  PDM.onReceive(onSound);
  Serial.println(PDM.begin(1, 16000));
}

void loop() {
  static int seen = 0;
  if (buffers != seen) {
    seen = buffers;
    const int n = bytes / 2;
    long sum = 0;
    for (int i = 0; i < n; i++) sum += samples[i];
    Serial.print(seen);
    Serial.print(' ');
    Serial.print(bytes);
    Serial.print(' ');
    Serial.print(samples[0]);
    Serial.print(' ');
    Serial.print(samples[n - 1]);
    Serial.print(' ');
    Serial.println(sum);
  }
  if (Serial.available()) {
    const int c = Serial.read();
    if (c == 'g') PDM.setGain(Serial.parseInt());
    if (c == 'x') reads = false;
    if (c == 'e') PDM.end();
    if (c == 'b') {
      PDM.setBufferSize(Serial.parseInt());
      Serial.println(PDM.begin(2, 16000));
    }
    if (c == 'f') {
      PDM.setBufferSize(512);
      Serial.println(PDM.begin(1, 41667));
    }
  }
  delay(1);
}
