// The motion sensors of the second revision: readings, rates, FIFO.
#include <Arduino_BMI270_BMM150.h>

int accelerations = 0, rotations = 0, fields = 0;
float x, y, z;

void show(const char *name) { Serial.println(String(name) + " " + String(x, 3) + " " + String(y, 3) + " " + String(z, 3)); }

void setup() {
  Serial.begin(115200);
  Serial.println(IMU.begin() ? "ready" : "no sensor");
}

void loop() {
  if (IMU.accelerationAvailable()) {
    IMU.readAcceleration(x, y, z);
    if (accelerations++ == 50) show("accel");
  }
  if (IMU.gyroscopeAvailable()) {
    IMU.readGyroscope(x, y, z);
    if (rotations++ == 50) show("gyro");
  }
  if (IMU.magneticFieldAvailable()) {
    IMU.readMagneticField(x, y, z);
    if (fields++ == 5) show("mag");
  }
  if (millis() >= 1000 && accelerations > 0) {
    Serial.println(String(accelerations) + " " + rotations + " " + fields);
    accelerations = 0;
    IMU.setContinuousMode();
    int kept = 0;
    while (millis() < 2000) {
      if (!IMU.accelerationAvailable()) continue;
      IMU.readAcceleration(x, y, z);
      kept++;
    }
    Serial.println(kept);
    while (millis() < 3000) delay(10);
  }
}
