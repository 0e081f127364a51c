// Takes frames as the lines on serial say: "RESOLUTION FORMAT FPS COMMANDS"; prints size, times and a few bytes.
#include <Arduino_OV767X.h>

static uint8_t frame[176 * 144 * 2];

void setup() {
  Serial.begin(115200);
  Serial.println(Camera.begin(QCIF, 7, 1));
  Serial.println(Camera.begin(QCIF, GRAYSCALE, 2));
}

void loop() {
  if (!Serial.available()) return;
  const String line = Serial.readStringUntil('\n');
  unsigned long start = millis();
  const int begun = Camera.begin(line[0] - '0', line[1] - '0', line[2] - '0');
  Serial.print(begun);
  Serial.print(' ');
  Serial.println(millis() - start);
  if (!begun) return;
  if (line.indexOf('t') > 0) Camera.testPattern();
  if (line.indexOf('h') > 0) Camera.horizontalFlip();
  if (line.indexOf('v') > 0) Camera.verticalFlip();
  start = millis();
  Camera.readFrame(frame);
  const unsigned long first = millis() - start;
  Camera.readFrame(frame);
  Camera.noTestPattern();
  Camera.noHorizontalFlip();
  Camera.noVerticalFlip();
  const int size = Camera.width() * Camera.height() * (line[1] == '4' ? 1 : 2);
  uint32_t sum = 0;
  for (int i = 0; i < size; i++) sum = sum * 31 + frame[i];
  Serial.println(String(Camera.width()) + "x" + Camera.height() + " " + Camera.bitsPerPixel() + " " + first + " " +
                 (millis() - start - first) + " " + sum);
  for (int i = 0; i < 4; i++) Serial.print(String(frame[i]) + " ");
  for (int i = size - 4; i < size; i++) Serial.print(String(frame[i]) + (i < size - 1 ? " " : "\n"));
  Camera.end();
}
